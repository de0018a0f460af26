# Loaded once by apache before it forks: Znuny from this lab's home, and what its web service needs.
use strict;
use warnings;

BEGIN {
    $ModPerl::Util::DEFAULT_UNLOAD_METHOD = 'unload_package_xs';
    $0 = '@HOME@/bin/cgi-bin/index.pl' if !-e $0 || -d $0;    # Znuny finds its home by it
}

use ModPerl::Util       ();
use Apache2::RequestRec ();
use Apache::DBI         ();    # before DBI: one connection for each child, made anew when it is cut

use lib '@HOME@';
use lib '@HOME@/Kernel/cpan-lib';

use CGI       ();
use CGI::Carp ();
use DateTime  ();
use Encode qw(:all);
use JSON::XS     ();
use REST::Client ();
use YAML::XS     ();

1;
