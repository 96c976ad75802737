// SPDX-License-Identifier: GPL-3.0-or-later
// Rules and quotas come from the collector, as run.sh has set them: nothing of /never is recorded, all the rest is.
const xray = require('aws-xray-sdk-core');

const rules = xray.middleware.sampler.ruleCache;

// What the SDK's middleware does for a request.
function decide(url) {
  const segment = new xray.Segment('interop-node');
  xray.middleware.resolveSampling({}, segment, { req: { headers: { host: 'shop.example.com' }, method: 'GET', url } });
  return segment;
}

async function until(what, condition) {
  for (const end = Date.now() + 60000; !condition();) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise(after => setTimeout(after, 250));
  }
}

function send() {
  const segment = decide('/kept');
  if (segment.notTraced || segment.aws.xray.rule_name !== 'interop-node-kept') throw new Error(`not sampled by its rule: ${segment}`);
  segment.addAnnotation('language', 'node');
  const call = segment.addNewSubsegment('bank.example.com');
  call.namespace = 'remote';
  call.close(new Error('no answer within 2.0 s'));
  segment.addFaultFlag();
  segment.close();
}

async function main() {
  decide('/kept'); // begins to ask for rules
  await until('the rules come from the collector', () => rules.getRules().some(each => each.name === 'interop-node-kept'));
  for (let i = 0; i < 100; i++) if (!decide('/never').notTraced) throw new Error('/never was sampled');
  send();
  // The second report of a client is answered with its share of the reservoir.
  await until('a quota comes from the collector', () => {
    decide('/kept');
    return rules.getRules().some(each => each.name === 'interop-node-kept' && each.getReservoir().quota > 0);
  });
  setTimeout(() => process.exit(0), 500); // the socket sends in the background
}

main().catch(error => { console.error(error); process.exit(1); });
