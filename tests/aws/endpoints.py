# SPDX-License-Identifier: GPL-3.0-or-later
"""Where botocore's rule sets say each service is: 14 regions, 7 services, FIPS and dual stack on and off.
--write prints the table that tests/data/endpoints.tsv holds; without it the table is checked, and TAP comes out."""
import os
import subprocess
import sys

try:
    import botocore
    from botocore.endpoint_provider import EndpointProvider
    from botocore.loaders import Loader
except ImportError:
    print('1..0 # SKIP python3-botocore is not installed')
    sys.exit(0)

SERVICES = ['xray', 'cloudwatch', 'logs', 'sts', 'sso', 'sso-oidc', 'signin']
REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-1', 'ap-east-2', 'sa-east-1', 'cn-north-1',
           'us-gov-west-1', 'us-gov-east-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'eusc-de-east-1']


def rows(service):
    loader = Loader()
    provider = EndpointProvider(loader.load_service_model(service, 'endpoint-rule-set-1'), loader.load_data('partitions'))
    for region in REGIONS:
        for fips in (False, True):
            for dual in (False, True):
                parameters = {'Region': region, 'UseFIPS': fips, 'UseDualStack': dual}
                if service == 'sts':
                    parameters['UseGlobalEndpoint'] = False
                try:
                    url = provider.resolve_endpoint(**parameters).url
                except Exception:  # an older table may not know a variant
                    url = '-'
                yield (service, region, str(int(fips)), str(int(dual)), url)


def known(path):
    with open(path, encoding='utf-8') as table:
        return {tuple(line.rstrip('\n').split('\t')[:4]): line.rstrip('\n').split('\t')[4] for line in table if not line.startswith('#')}


def odd_regions(version):
    """Regions that an old botocore knows and the list doesn't, or in another partition; a new one knows all of the list."""
    known_here = set(subprocess.run([sys.argv[1], '--regions'], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines())
    there = {'%s %s' % (name, partition['id']) for partition in Loader().load_data('partitions')['partitions'] for name in partition['regions']
             if not name.endswith('-global')}
    return sorted(there - known_here) + (sorted(known_here - there) if version >= (1, 43) else [])


def main():
    if sys.argv[1:] == ['--write']:
        print('# botocore %s' % botocore.__version__)
        for service in SERVICES:
            for row in rows(service):
                print('\t'.join(row))
        return 0
    table = known(os.path.join(os.environ['FLUO_TEST_DATA'], 'endpoints.tsv'))
    version = tuple(int(part) for part in botocore.__version__.split('.')[:2])
    # From 1.43 on every row is known but for sign-in's own hosts in some partitions, which came with 1.44. Before that, the
    # services whose rules are as old as rule sets, in partitions that an old table knows too.
    services = SERVICES if version >= (1, 43) else ['xray', 'cloudwatch', 'logs', 'sts']
    old = [region for region in REGIONS if version >= (1, 43) or not region.startswith(('us-iso', 'eu-iso', 'eusc'))]
    wrong = checked = 0
    for service in services:
        for row in rows(service):
            # CloudWatch's hosts in GovCloud became FIPS ones with both stacks in 2025.
            renamed = version < (1, 43) and row[0] == 'cloudwatch' and row[1].startswith('us-gov') and row[2:4] == ('1', '1')
            renamed = renamed or (version < (1, 44) and row[0] == 'signin' and row[1].startswith(('us-gov', 'us-iso', 'eu-iso', 'eusc')))
            if row[1] in old and row[4] != '-' and not renamed:
                checked += 1
                if table[row[:4]] != row[4]:
                    wrong += 1
                    print('# %s: the table says %s' % (' '.join(row), table[row[:4]]))
    strange = odd_regions(version)
    enough = checked >= (365 if version >= (1, 43) else 150)
    print('1..2')
    print('%sok 1 the table agrees with botocore %s in %d rows' % ('' if wrong == 0 and enough else 'not ', botocore.__version__,
                                                                  checked))
    print('%sok 2 the list of regions agrees with it %s' % ('not ' if strange else '', ' '.join(strange)))
    return wrong != 0 or not enough or bool(strange)


if __name__ == '__main__':
    sys.exit(main())
