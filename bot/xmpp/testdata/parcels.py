"""A component that speaks parcels as the package comment describes them.

parcels.py DOMAIN SECRET HOST PORT. A line of standard input, {"to": ..,
"id": .., "kind": .., "after": .., "body": ..}, is sent as a parcel; a line of
standard output says what became of it, or what came:
{"id": .., "error": ""} or {"id": .., "kind": .., "after": .., "body": ..}.
"""
import asyncio
import json
import sys

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream import ET
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

PARCEL, JSON = "urn:dragoman:parcel:1", "urn:xmpp:json:0"


STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"


def condition(iq):
    """slixmpp's own e.condition doesn't find the error on a component's stream."""
    found = [e.tag[len(STANZAS):] for e in iq.xml.iter() if e.tag.startswith(STANZAS)]
    return next((c for c in found if c != "text"), "")


def say(**data):
    print(json.dumps(data), flush=True)


class Machine(slixmpp.ComponentXMPP):
    def __init__(self, domain, secret, host, port):
        super().__init__(domain, secret, host, port)
        self.me = "machine@" + domain
        path = "{jabber:component:accept}iq/{%s}parcel" % PARCEL
        self.register_handler(Callback("parcel", MatchXPath(path), self.came))
        self.add_event_handler("session_start", lambda _: say(up=True))

    def came(self, iq):
        parcel = iq.xml.find("{%s}parcel" % PARCEL)
        body = json.loads(parcel.findtext("{%s}json" % JSON))
        say(id=parcel.get("id"), kind=parcel.get("kind"), after=parcel.get("after", ""), body=body)
        iq.reply().send()  # only now: it is "stored"

    async def pass_on(self, line):
        p = json.loads(line)
        parcel = ET.Element("{%s}parcel" % PARCEL, {"id": p["id"], "kind": p["kind"]})
        if p.get("after"):
            parcel.set("after", p["after"])
        ET.SubElement(parcel, "{%s}json" % JSON).text = json.dumps(p["body"])
        iq = self.make_iq_set(parcel, ito=p["to"], ifrom=self.me)
        try:
            await iq.send(timeout=10)
            say(id=p["id"], error="")
        except IqError as e:
            say(id=p["id"], error=condition(e.iq))
        except IqTimeout:
            say(id=p["id"], error="timeout")


async def listen(machine):
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        asyncio.ensure_future(machine.pass_on(line))
    loop.stop()


domain, secret, host, port = sys.argv[1:5]
machine = Machine(domain, secret, host, int(port))
machine.connect()
machine.loop.create_task(listen(machine))
machine.loop.run_forever()
