// What a recording of the relay says: which request was which call, which calls changed something, and which answers gave an id that a later call uses.

/** The call behind a request: `glue:CreateJob`, or for services that speak REST `lambda:POST`. */
export function callOf({ method, path, headers, body }) {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '?';
  const target = headers['x-amz-target']?.split('.').pop();
  const form = /(?:^|&)Action=(\w+)/.exec(Buffer.from(body, 'base64').toString('latin1'))?.[1];
  const last = /^\/([A-Z]\w+)$/.exec(path.split('?')[0])?.[1];
  return { service, action: target ?? form ?? (service === 'lakeformation' ? last : undefined) ?? method };
}

/** Whether a request changes something. */
export function changes(request) {
  const { action } = callOf(request);
  return !/^(Get|List|Describe|Head|Batch?Get|Search|GET$|HEAD$)/.test(action);
}

// Ids that AWS, or its stand-in, draws: EC2's, IAM's, addresses, and the like.
const ids = /\b(?:(?:vpc|subnet|sg|sgr|rtb|i|eni|eipalloc|eipassoc|vpce|ami|vol|r|igw|acl)-[0-9a-f]{8,17}|A(?:IDA|ROA|IPA|NPA)[A-Z0-9]{17}|\d{1,3}(?:\.\d{1,3}){3}(?![/.\d])|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/g;

/** The ids in a text, in order. */
export const idsIn = (text) => text.match(ids) ?? [];

/**
 * The calls that make what was recorded, one after the other: all that changed something and succeeded, and those reads
 * without whose answer one of them could not be written (the default VPC, its subnets, an image).
 */
export function script(recording) {
  const accepted = recording.filter(({ status }) => status < 300);
  const kept = new Set();
  const known = new Set();
  for (const request of accepted) {
    if (!changes(request)) continue;
    const text = textOf(request);
    for (const id of idsIn(text)) {
      if (known.has(id)) continue;
      const source = accepted.find((earlier) => earlier !== request && earlier.answer.includes(id));
      if (source && !changes(source)) {
        kept.add(source);
        idsIn(source.answer).forEach((each) => known.add(each));
      }
    }
    kept.add(request);
    idsIn(request.answer).forEach((each) => known.add(each));
  }
  return accepted.filter((request) => kept.has(request));
}

/** All of a request that ids may stand in. */
export const textOf = ({ path, body }) => `${path}\n${Buffer.from(body, 'base64').toString('latin1')}`;
