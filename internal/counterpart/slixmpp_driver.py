"""A person or a component on slixmpp, driven by JSON lines.

Written by internal/counterpart and started by it. Standard input takes one
request a line, {"id": 1, "do": "send", ...}; standard output gives one
answer for each, {"re": 1, ...} or {"re": 1, "error": condition}, and one
{"event": ...} for each stanza that comes. It ends with its input.
"""
import asyncio
import base64
import json
import logging
import os
import sys

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream import ET, tostring

# slixmpp 1.8.3 prints while it joins a room: keep the real output for us.
OUT = os.fdopen(os.dup(1), "w", encoding="utf-8")
sys.stdout = sys.stderr

PLUGINS = ("xep_0004", "xep_0030", "xep_0012", "xep_0045", "xep_0054", "xep_0085", "xep_0092", "xep_0199",
           "xep_0202", "xep_0203", "xep_0249", "xep_0359", "xep_0461")
STANZAS = {"message", "presence", "iq"}


def emit(data):
    OUT.write(json.dumps(data) + "\n")
    OUT.flush()


def local(tag):
    return tag.rsplit("}", 1)[-1]


def space(tag):
    return tag[1:].split("}", 1)[0] if tag.startswith("{") else ""


def find(xml, ns, name):
    return next((e for e in xml.iter("{%s}%s" % (ns, name))), None)


def stanza_event(xml):
    """What the driver may want to know of a stanza, straight from its XML."""
    ev = {"event": local(xml.tag), "xml": tostring(xml)}
    for key in ("id", "from", "to", "type"):
        ev[key] = xml.get(key, "")
    stream_ns = space(xml.tag)
    for child in xml:
        name, ns = local(child.tag), space(child.tag)
        if ns in (stream_ns, "jabber:client") and name in ("body", "subject", "thread", "show", "status"):
            ev[name] = child.text or ""
        elif name == "error":
            conditions = [local(e.tag) for e in child if space(e.tag) == "urn:ietf:params:xml:ns:xmpp-stanzas"]
            ev["error"] = next((c for c in conditions if c != "text"), "")
        elif ns == "urn:xmpp:reply:0":
            ev["reply_id"], ev["reply_to"] = child.get("id", ""), child.get("to", "")
        elif ns == "urn:xmpp:receipts" and name == "received":
            ev["receipt"] = child.get("id", "")
        elif ns == "urn:xmpp:receipts" and name == "request":
            ev["wants_receipt"] = True
        elif ns == "http://jabber.org/protocol/chatstates":
            ev["chat_state"] = name
        elif ns == "urn:xmpp:delay":
            ev["delay"] = child.get("stamp", "")
        elif ns == "urn:xmpp:sid:0" and name == "stanza-id":
            ev["stanza_id"], ev["stanza_by"] = child.get("id", ""), child.get("by", "")
        elif ns == "urn:xmpp:sid:0" and name == "origin-id":
            ev["origin_id"] = child.get("id", "")
        elif ns == "jabber:x:conference":
            ev["invite"] = child.get("jid", "")
        elif ns == "http://jabber.org/protocol/muc#user":
            ev["codes"] = [int(e.get("code", 0)) for e in child if local(e.tag) == "status"]
            item = find(child, ns, "item")
            if item is not None:
                ev["real_jid"] = item.get("jid", "")
                ev["affiliation"], ev["role"] = item.get("affiliation", ""), item.get("role", "")
            if find(child, ns, "invite") is not None:
                ev["invite"] = xml.get("from", "")
    return ev


class Person:
    def __init__(self):
        self.x = None
        self.up = None
        self.joins = {}  # room -> future of our own presence in it

    def watch_in(self, stanza):
        if local(stanza.xml.tag) in STANZAS:
            ev = stanza_event(stanza.xml)
            emit(ev)
            room = ev["from"].split("/")[0]
            if ev["event"] == "presence" and room in self.joins and (110 in ev.get("codes", []) or "error" in ev):
                done = self.joins.pop(room)
                if not done.done():
                    done.set_result(ev)
        return stanza

    def from_always(self, stanza):
        """ejabberd closes a component's stream on a stanza without from."""
        if local(stanza.xml.tag) in STANZAS and not stanza.xml.get("from"):
            stanza.xml.set("from", self.me)
        return stanza

    async def connect(self, a):
        host, port = a["host"], a["port"]
        self.me = a["jid"]
        self.up = asyncio.get_running_loop().create_future()
        if a.get("secret"):
            x = slixmpp.ComponentXMPP(self.me.split("@")[-1].split("/")[0], a["secret"], host, port)
            x.add_filter("out", self.from_always)
        else:
            x = slixmpp.ClientXMPP(self.me, a["password"])
            x.ca_certs = a["ca"]
            x.auto_authorize = None  # a person decides about each request
        self.x = x
        for p in PLUGINS:
            x.register_plugin(p)
        if not x.is_component:
            x.register_plugin("xep_0184", {"auto_ack": True, "auto_request": False})
        x.add_filter("in", self.watch_in)
        x.add_event_handler("session_start", self.started)
        for name in ("failed_all_auth", "connection_failed", "stream_error"):
            x.add_event_handler(name, lambda e, name=name: self.failed(name, e))
        x.add_event_handler("disconnected", lambda e: (self.failed("disconnected", e), emit({"event": "disconnected"})))
        if x.is_component:
            x.connect(host, port)
        else:
            x.connect((host, port), use_ssl=bool(a.get("direct_tls")))
        return {"jid": await self.up}

    async def started(self, _):
        if not self.x.is_component:
            await self.x.get_roster()  # only who asked for the roster is told of subscriptions
            self.x.send_presence()
            self.me = str(self.x.boundjid)
        if not self.up.done():
            self.up.set_result(self.me)

    def failed(self, what, why):
        if self.up is not None and not self.up.done():
            self.up.set_exception(RuntimeError("%s: %s" % (what, why)))

    async def send(self, a):
        m = self.x.make_message(mto=a["to"], mtype=a.get("type") or "chat", mfrom=a.get("from") or None)
        if "body" in a:
            m["body"] = a["body"]
        m["id"] = a.get("stanza_id") or self.x.new_id()
        if a.get("thread"):
            m["thread"] = a["thread"]
        if a.get("reply_id"):
            m["reply"]["id"] = a["reply_id"]
            m["reply"]["to"] = a.get("reply_to") or a["to"]
        if a.get("want_receipt"):
            m.append(ET.fromstring("<request xmlns='urn:xmpp:receipts'/>"))
        if a.get("chat_state"):
            m["chat_state"] = a["chat_state"]
        for extra in a.get("extra") or []:
            m.append(ET.fromstring(extra))
        m.send()
        return {"stanza_id": m["id"]}

    async def raw(self, a):
        self.x.send_raw(a["xml"])
        return {}

    async def presence(self, a):
        self.x.send_presence(pto=a.get("to") or None, ptype=a.get("type") or None, pfrom=a.get("from") or None)
        return {}

    async def join(self, a):
        # join_muc_wait of slixmpp 1.8.3 never returns in a component.
        done = self.joins[a["room"]] = asyncio.get_running_loop().create_future()
        p = self.x.make_presence(pto=a["room"] + "/" + a["nick"], pfrom=self.me if self.x.is_component else None)
        p.append(ET.fromstring("<x xmlns='http://jabber.org/protocol/muc'><history maxchars='0'/></x>"))
        p.send()
        ev = await asyncio.wait_for(done, a["timeout"])
        if ev["type"] == "error":
            raise RuntimeError(ev.get("error", "refused"))
        return ev

    async def leave(self, a):
        self.x["xep_0045"].leave_muc(slixmpp.JID(a["room"]), a["nick"], pfrom=slixmpp.JID(self.me))
        return {}

    async def invite(self, a):
        me = slixmpp.JID(self.me)
        if a.get("mediated"):
            self.x["xep_0045"].invite(slixmpp.JID(a["room"]), slixmpp.JID(a["to"]), mfrom=me)
        else:
            self.x["xep_0249"].send_invitation(slixmpp.JID(a["to"]), slixmpp.JID(a["room"]), mfrom=me)
        return {}

    async def configure_room(self, a):
        room = slixmpp.JID(a["room"])
        form = self.x["xep_0004"].make_form("submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/muc#roomconfig")
        for var, value in a["fields"].items():
            form.add_field(var=var, value=value)
        await self.x["xep_0045"].set_room_config(room, form, ifrom=slixmpp.JID(self.me))
        return {}

    def args(self, a):
        return {"ifrom": slixmpp.JID(a.get("from") or self.me), "timeout": a["timeout"]}

    async def ping(self, a):
        await self.x["xep_0199"].send_ping(slixmpp.JID(a["to"]), **self.args(a))
        return {}

    async def disco_info(self, a):
        r = await self.x["xep_0030"].get_info(jid=slixmpp.JID(a["to"]), node=a.get("node") or None, local=False,
                                              cached=False, **self.args(a))
        info = r["disco_info"]
        return {"features": sorted(info["features"]),
                "identities": [{"category": c, "type": t, "name": n or ""} for c, t, _, n in info["identities"]]}

    async def disco_items(self, a):
        r = await self.x["xep_0030"].get_items(jid=slixmpp.JID(a["to"]), node=a.get("node") or None, local=False,
                                               **self.args(a))
        return {"items": [{"jid": str(j), "node": n or "", "name": t or ""} for j, n, t in r["disco_items"]["items"]]}

    async def version(self, a):
        v = (await self.x["xep_0092"].get_version(slixmpp.JID(a["to"]), **self.args(a)))["software_version"]
        return {"name": v["name"], "version": v["version"], "os": v["os"]}

    async def last_activity(self, a):
        r = await self.x["xep_0012"].get_last_activity(slixmpp.JID(a["to"]), **self.args(a))
        return {"seconds": int(r["last_activity"]["seconds"]), "status": r["last_activity"]["status"] or ""}

    async def time(self, a):
        # The plugin's own parser (1.8.3) fails on a time that ends in Z.
        t = (await self.x["xep_0202"].get_entity_time(slixmpp.JID(a["to"]), **self.args(a)))["entity_time"].xml
        return {name: t.findtext("{urn:xmpp:time}" + name) for name in ("utc", "tzo")}

    async def vcard(self, a):
        r = await self.x["xep_0054"].get_vcard(slixmpp.JID(a["to"]), cached=False, **self.args(a))
        v = r["vcard_temp"]
        photo = v["PHOTO"]["BINVAL"] or b""
        return {"full_name": v["FN"] or "", "nickname": ", ".join(v["NICKNAME"] or []),
                "photo_type": v["PHOTO"]["TYPE"] or "", "photo": base64.b64encode(photo).decode(),
                "xml": tostring(v.xml)}

    async def iq(self, a):
        iq = self.x.Iq()
        iq["type"], iq["to"], iq["from"] = a.get("type") or "get", a["to"], a.get("from") or self.me
        if a.get("xml"):
            iq.append(ET.fromstring(a["xml"]))
        return stanza_event((await iq.send(timeout=a["timeout"])).xml)

    async def close(self, _):
        if self.x is not None:
            await self.x.disconnect(wait=1)
        return {}


ACTIONS = {name: getattr(Person, name) for name in (
    "connect", "send", "raw", "presence", "join", "leave", "invite", "configure_room", "ping", "disco_info",
    "disco_items", "version", "last_activity", "time", "vcard", "iq", "close")}


async def answer(person, request):
    reply = {"re": request["id"]}
    request.setdefault("timeout", 10)
    try:
        reply.update(await ACTIONS[request["do"]](person, request))
    except IqError as e:
        reply["error"] = e.condition
    except (IqTimeout, asyncio.TimeoutError):
        reply["error"] = "timeout"
    except RuntimeError as e:
        reply["error"] = str(e)
    except Exception as e:
        reply["error"] = "%s: %s" % (type(e).__name__, e)
    emit(reply)


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    person, running = Person(), set()
    emit({"event": "ready"})
    while line := await reader.readline():
        task = asyncio.create_task(answer(person, json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
os._exit(0)
