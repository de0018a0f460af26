# Znuny's configuration in this lab: what is fixed here wins over its own database of settings.
package Kernel::Config;

use strict;
use warnings;
use utf8;

sub Load {
    my $Self = shift;

    $Self->{Home}         = '@HOME@';
    $Self->{DatabaseHost} = '127.0.0.1';
    $Self->{Database}     = $ENV{LAB_DATABASE} || '@DATABASE@';
    $Self->{DatabaseUser} = '@ROLE@';
    $Self->{DatabasePw}   = '@PASSWORD@';
    $Self->{DatabaseDSN}  = "DBI:Pg:dbname=$Self->{Database};host=127.0.0.1;port=@POSTGRES_PORT@;";

    $Self->{SecureMode}   = 1;        # the installer in the browser is closed
    $Self->{SystemID}     = '10';
    $Self->{FQDN}         = 'tickets.studio.test';
    $Self->{HttpType}     = 'http';
    $Self->{Organization} = 'Studio';
    $Self->{AdminEmail}   = 'admin@studio.test';
    $Self->{OTRSTimeZone} = 'UTC';

    $Self->{LogModule}            = 'Kernel::System::Log::File';
    $Self->{'LogModule::LogFile'} = '@LOG@';

    # Mail goes to the lab's sink; no look-up of any name leaves the machine.
    $Self->{SendmailModule}         = 'Kernel::System::Email::SMTP';
    $Self->{'SendmailModule::Host'} = '127.0.0.1';
    $Self->{'SendmailModule::Port'} = '@SMTP_PORT@';
    $Self->{CheckMXRecord}          = 0;

    # It would ask the maker's servers.
    $Self->{'CloudServices::Disabled'} = 1;

    # People see and set the lab's dynamic fields in the web interface, too.
    my %Shown = map { $_ => 1 } qw(@FIELDS@);
    $Self->{'Ticket::Frontend::AgentTicketZoom'}->{DynamicField}     = {%Shown};
    $Self->{'Ticket::Frontend::AgentTicketFreeText'}->{DynamicField} = {%Shown};
    return 1;
}

use Kernel::Config::Defaults;    # import Translatable()
use parent qw(Kernel::Config::Defaults);

1;
