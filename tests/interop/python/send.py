# SPDX-License-Identifier: GPL-3.0-or-later
from aws_xray_sdk.core import xray_recorder

xray_recorder.configure(service="interop-python", sampling=False)
with xray_recorder.in_segment("interop-python") as segment:
    segment.put_http_meta("method", "POST")
    segment.put_http_meta("url", "http://shop.example.com/checkout")
    segment.put_annotation("language", "python")
    with xray_recorder.in_subsegment("validate") as validate:
        validate.put_metadata("cart", {"items": 3})
    try:
        with xray_recorder.in_subsegment("bank.example.com", namespace="remote"):
            raise TimeoutError("no answer within 2.0 s")
    except TimeoutError:
        segment.put_http_meta("status", 502)
        segment.add_fault_flag()
xray_recorder.emitter  # the segment was sent when it ended
