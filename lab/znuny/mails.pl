# Reads many mails in one process, as Maint::PostMaster::Read does one.
# Input: JSON on stdin, {queue, trusted, mails: [base64]}; output: JSON, a list of [return code, ticket id].
use strict;
use warnings;
use utf8;

use JSON::XS ();
use MIME::Base64 qw(decode_base64);
use Kernel::System::ObjectManager;
use Kernel::System::PostMaster;

my $Input = JSON::XS->new()->utf8()->decode( do { local $/; <STDIN> } );
my @Results;
for my $Mail ( @{ $Input->{mails} } ) {

    # Objects of its own for each: what Znuny does when they end (events, notes, mail) belongs to this mail.
    local $Kernel::OM = Kernel::System::ObjectManager->new( 'Kernel::System::Log' => { LogPrefix => 'lab-mails' } );
    my $Log = $Kernel::OM->Create( 'Kernel::System::CommunicationLog',
        ObjectParams => { Transport => 'Email', Direction => 'Incoming', AccountType => 'STDIN' } );
    $Log->ObjectLogStart( ObjectLogType => 'Connection' );
    $Log->ObjectLogStart( ObjectLogType => 'Message' );
    my @Lines = split /^/m, decode_base64($Mail);
    my @Return = Kernel::System::PostMaster->new(
        CommunicationLogObject => $Log, Email => \@Lines, Trusted => $Input->{trusted},
    )->Run( Queue => $Input->{queue} );
    my $Status = $Return[0] ? 'Successful' : 'Failed';
    $Log->ObjectLogStop( ObjectLogType => $_, Status => $Status ) for qw(Message Connection);
    $Log->CommunicationStop( Status => $Status );
    push @Results, [ 0 + ( $Return[0] // 0 ), 0 + ( $Return[1] // 0 ) ];
}
print JSON::XS->new()->utf8()->encode( \@Results ), "\n";
