// SPDX-License-Identifier: GPL-3.0-or-later
const xray = require('aws-xray-sdk-core');

xray.middleware.disableCentralizedSampling();
const segment = new xray.Segment('interop-node');
segment.addAnnotation('language', 'node');
const call = segment.addNewSubsegment('bank.example.com');
call.namespace = 'remote';
call.close(new Error('no answer within 2.0 s'));
segment.addFaultFlag();
segment.close();
setTimeout(() => process.exit(0), 500); // the socket sends in the background
