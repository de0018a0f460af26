# Fills a new Znuny with what every lab has, in Znuny's own objects, so that its own rules hold.
# Input: JSON on stdin, as znuny_world.py makes it. Called with @INC set to the lab's home.
use strict;
use warnings;
use utf8;

use JSON::XS ();
use Kernel::System::ObjectManager;
use Kernel::System::VariableCheck qw(:all);

local $Kernel::OM = Kernel::System::ObjectManager->new( 'Kernel::System::Log' => { LogPrefix => 'lab-content' } );

my $World = JSON::XS->new()->utf8()->decode( do { local $/; <STDIN> } );
my $Root  = 1;

sub Get { return $Kernel::OM->Get("Kernel::System::$_[0]") }

sub Must {
    my ( $What, $Value ) = @_;
    die "$What failed\n" if !$Value;
    return $Value;
}

sub AddGroups {
    my %Groups = reverse Get('Group')->GroupList( Valid => 1 );
    for my $Name ( @{ $World->{groups} } ) {
        $Groups{$Name} //= Must( "group $Name",
            Get('Group')->GroupAdd( Name => $Name, ValidID => 1, UserID => $Root ) );
    }
    return %Groups;
}

sub AddQueues {
    my (%Groups) = @_;

    my $Address = Must( 'address', Get('SystemAddress')->SystemAddressAdd(
        Name => $World->{address}, Realname => $World->{realname}, ValidID => 1, QueueID => 1, UserID => $Root,
    ) );
    my %Queues = reverse Get('Queue')->QueueList( Valid => 0 );
    for my $Name ( @{ $World->{queues} } ) {
        my %Common = (
            GroupID => $Groups{ $World->{queue_group} }, SystemAddressID => $Address, SalutationID => 1,
            SignatureID => 1, FollowUpID => 1, FollowUpLock => 0, ValidID => 1, UserID => $Root,
        );
        if ( $Queues{$Name} ) {
            my %Old = Get('Queue')->QueueGet( ID => $Queues{$Name} );
            Must( "queue $Name", Get('Queue')->QueueUpdate( %Old, %Common, QueueID => $Queues{$Name} ) );
            next;
        }
        $Queues{$Name} = Must( "queue $Name", Get('Queue')->QueueAdd( Name => $Name, Comment => 'lab', %Common ) );
    }
    Must( 'queue of the address', Get('SystemAddress')->SystemAddressUpdate(
        ID => $Address, Name => $World->{address}, Realname => $World->{realname}, ValidID => 1,
        QueueID => $Queues{ $World->{queues}[0] }, UserID => $Root,
    ) );

    # All that Znuny itself writes to clients comes from the studio's address.
    my %Answers = Get('AutoResponse')->AutoResponseList();
    for my $ID ( sort keys %Answers ) {
        my %Answer = Get('AutoResponse')->AutoResponseGet( ID => $ID );
        Must( "auto response $ID",
            Get('AutoResponse')->AutoResponseUpdate( %Answer, AddressID => $Address, UserID => $Root ) );
    }
    Must( 'auto reply', Get('AutoResponse')->AutoResponseQueue(
        QueueID => $Queues{ $World->{queues}[0] }, UserID => $Root,
        AutoResponseIDs => [ grep { $Answers{$_} =~ /^default reply / } keys %Answers ],
    ) );
    return;
}

sub AddAgents {
    my (%Groups) = @_;

    for my $Agent ( @{ $World->{agents} } ) {
        my $ID = Get('User')->UserLookup( UserLogin => $Agent->{login}, Silent => 1 );
        $ID ||= Must( "agent $Agent->{login}", Get('User')->UserAdd(
            UserFirstname => $Agent->{first}, UserLastname => $Agent->{last}, UserLogin => $Agent->{login},
            UserEmail => $Agent->{email}, ValidID => 1, ChangeUserID => $Root,
        ) );
        Must( "password of $Agent->{login}",
            Get('User')->SetPassword( UserLogin => $Agent->{login}, PW => $Agent->{password} ) );
        for my $Group ( @{ $Agent->{groups} } ) {
            Must( "$Agent->{login} in $Group", Get('Group')->PermissionGroupUserAdd(
                GID => $Groups{$Group}, UID => $ID, Permission => { rw => 1 }, UserID => $Root,
            ) );
        }
    }
    return;
}

sub AddCustomers {
    for my $Company ( @{ $World->{companies} } ) {
        Must( "company $Company->{id}", Get('CustomerCompany')->CustomerCompanyAdd(
            CustomerID => $Company->{id}, CustomerCompanyName => $Company->{name}, ValidID => 1, UserID => $Root,
        ) );
    }
    for my $Customer ( @{ $World->{customers} } ) {
        Must( "customer $Customer->{email}", Get('CustomerUser')->CustomerUserAdd(
            Source => 'CustomerUser', UserFirstname => $Customer->{first}, UserLastname => $Customer->{last},
            UserCustomerID => $Customer->{company} || $Customer->{email}, UserLogin => $Customer->{email},
            UserPassword => $Customer->{password}, UserEmail => $Customer->{email}, ValidID => 1, UserID => $Root,
        ) );
    }
    return;
}

sub AddFields {
    my $Order = 100;
    for my $Field ( @{ $World->{fields} } ) {
        my $Config = { DefaultValue => '', %{ $Field->{config} || {} } };
        Must( "field $Field->{name}", Get('DynamicField')->DynamicFieldAdd(
            Name => $Field->{name}, Label => $Field->{label}, FieldOrder => $Order++, FieldType => $Field->{type},
            ObjectType => $Field->{object}, Config => $Config, ValidID => 1, UserID => $Root,
        ) );
    }
    return;
}

# Two headers set by one filter: Znuny reads one for the mail that makes a ticket, the other for those that follow.
sub AddFilters {
    for my $Filter ( @{ $World->{filters} } ) {
        my @Set = map { { Key => "X-OTRS-${_}DynamicField-$Filter->{field}", Value => $Filter->{value} } }
            ( '', 'FollowUp-' );
        Must( "filter $Filter->{name}", Get('PostMaster::Filter')->FilterAdd(
            Name => $Filter->{name}, StopAfterMatch => 0,
            Match => [ { Key => $Filter->{header}, Value => $Filter->{pattern} } ],
            Not   => [ { Key => $Filter->{header}, Value => undef } ],
            Set   => \@Set,
        ) );
    }
    return;
}

sub AddWebService {
    my $Config = Get('YAML')->Load( Data => $World->{web_service}{yaml} );
    Must( 'web service', Get('GenericInterface::Webservice')->WebserviceAdd(
        Name => $World->{web_service}{name}, Config => $Config, ValidID => 1, UserID => $Root,
    ) );
    return;
}

my %Groups = AddGroups();
AddQueues(%Groups);
AddAgents(%Groups);
AddCustomers();
AddFields();
AddFilters();
AddWebService();
