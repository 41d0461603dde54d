import assert from 'node:assert/strict';
import { errorAnswer, operationOf, Router, type Operation, type Route } from '../../../../src/sandbox/kernel/router.ts';

const scope = (service: string) => `AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
const route = (fields: Partial<Route> & { service: string }): Route => ({ handle: async () => undefined, ...fields });

describe('sandbox router', () => {
  it('reads service, region and action of each protocol', () => {
    const json = operationOf({ method: 'POST', url: '/', headers: { authorization: scope('glue'), 'x-amz-target': 'AWSGlue.StartWorkflowRun' } });
    assert.deepEqual(json, { service: 'glue', region: 'eu-west-1', action: 'StartWorkflowRun', accessKey: 'AKIA', method: 'POST', path: '/' });
    assert.equal(operationOf({ method: 'POST', url: '/', headers: { authorization: scope('iam') } }, 'Version=2010-05-08&Action=GetRole').action, 'GetRole');
    assert.equal(operationOf({ method: 'POST', url: '/ListPermissions', headers: { authorization: scope('lakeformation') } }).action, 'ListPermissions');
    const rest = operationOf({ method: 'PUT', url: '/bucket/a%20b?x=1', headers: { authorization: scope('s3') } });
    assert.deepEqual([rest.service, rest.action, rest.path], ['s3', '', '/bucket/a%20b']);
    const presigned = operationOf({ method: 'GET', url: '/b/k?X-Amz-Credential=AKIA%2F20260101%2Fus-east-2%2Fs3%2Faws4_request', headers: {} });
    assert.deepEqual([presigned.service, presigned.region, presigned.accessKey], ['s3', 'us-east-2', 'AKIA']);
    assert.equal(operationOf({ method: 'GET', url: '/b/k', headers: {} }).service, 's3');
  });

  it('finds a route by action, or by method and path', () => {
    const start = route({ service: 'glue', action: 'StartWorkflowRun' });
    const invoke = route({ service: 'lambda', method: 'POST', path: /\/invocations$/ });
    const router = new Router([start, invoke]);
    const operation = (fields: Partial<Operation>): Operation => ({ service: 'glue', region: '', action: '', accessKey: '', method: 'POST', path: '/', ...fields });
    assert.equal(router.find(operation({ action: 'StartWorkflowRun' })), start);
    assert.equal(router.find(operation({ action: 'GetWorkflowRun' })), undefined);
    assert.equal(router.find(operation({ service: 'lambda', path: '/2015-03-31/functions/f/invocations' })), invoke);
    assert.equal(router.find(operation({ service: 'lambda', path: '/2015-03-31/functions/f' })), undefined);
  });

  it('writes errors as the service does', () => {
    const of = (service: string, action = '') => errorAnswer({ service, action, region: '', accessKey: '', method: 'POST', path: '/' }, 'Code', 'a < b');
    assert.match(of('s3').body, /<Error><Code>Code<\/Code><Message>a &lt; b<\/Message><\/Error>/);
    assert.match(of('ec2', 'RunInstances').body, /<Response><Errors><Error>/);
    assert.match(of('iam', 'GetRole').body, /<ErrorResponse><Error>/);
    assert.equal(of('glue', 'GetJob').headers['x-amzn-errortype'], 'Code');
  });
});
