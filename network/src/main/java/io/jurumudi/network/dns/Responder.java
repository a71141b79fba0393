package io.jurumudi.network.dns;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** From a query's bytes to the answer's. */
final class Responder {
  private static final int PLAIN_UDP = 512;
  private static final int OUR_PAYLOAD = 1232;
  private static final int MAX_MESSAGE = 65535;

  /** An alias of an alias of … ends here. */
  private static final int MOST_ALIASES = 8;

  private final ClusterZone zone;
  private final Forwarder forwarder;

  Responder(ClusterZone zone, Forwarder forwarder) {
    this.zone = zone;
    this.forwarder = forwarder;
  }

  /** Whether the answer needs no other server, and so comes at once. */
  boolean isLocal(Message query) {
    Record question = query.getQuestion();
    return question == null
        || !switch (zone.answer(question.getName(), question.getType())) {
          case Answer.NotOurs _ -> true;
          case Answer.Alias _ -> true;
          default -> false;
        };
  }

  /** The query; empty when it is none, and nothing is to be answered. */
  static Optional<Message> parse(byte[] wire) {
    try {
      Message m = new Message(wire);
      return m.getHeader().getFlag(Flags.QR) ? Optional.empty() : Optional.of(m);
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  byte[] respond(Message query, boolean tcp) {
    Message response = response(query);
    OPTRecord edns = query.getOPT();
    int room = MAX_MESSAGE;
    if (!tcp) {
      room = edns == null ? PLAIN_UDP : Math.clamp(edns.getPayloadSize(), PLAIN_UDP, OUR_PAYLOAD);
    }
    byte[] wire = response.toWire();
    return wire.length <= room ? wire : truncate(response, room);
  }

  /**
   * As many answers as fit: resolvers that do not ask again by TCP make do with some, and would
   * with none believe that the name has none.
   */
  private static byte[] truncate(Message whole, int room) {
    List<Record> answers = whole.getSection(Section.ANSWER);
    int fits = 0;
    int tooMany = answers.size() + 1;
    while (tooMany - fits > 1) {
      int n = (fits + tooMany) >>> 1;
      if (part(whole, answers.subList(0, n)).toWire().length <= room) {
        fits = n;
      } else {
        tooMany = n;
      }
    }
    return part(whole, answers.subList(0, fits)).toWire();
  }

  private static Message part(Message whole, List<Record> answers) {
    Message m = Headers.like(whole);
    m.getHeader().setFlag(Flags.TC);
    add(m, whole.getSection(Section.QUESTION), Section.QUESTION);
    add(m, answers, Section.ANSWER);
    OPTRecord edns = whole.getOPT();
    if (edns != null) {
      m.addRecord(edns, Section.ADDITIONAL);
    }
    return m;
  }

  private Message response(Message query) {
    Message response = new Message(query.getHeader().getID());
    Header header = response.getHeader();
    header.setFlag(Flags.QR);
    header.setFlag(Flags.RA);
    if (query.getHeader().getFlag(Flags.RD)) {
      header.setFlag(Flags.RD);
    }
    Record question = query.getQuestion();
    if (question != null) {
      response.addRecord(question, Section.QUESTION);
    }
    if (query.getHeader().getOpcode() != Opcode.QUERY) {
      header.setRcode(Rcode.NOTIMP);
    } else if (question == null) {
      header.setRcode(Rcode.FORMERR);
    } else if (question.getDClass() != DClass.IN
        || question.getType() == Type.AXFR
        || question.getType() == Type.IXFR) {
      header.setRcode(Rcode.REFUSED);
    } else {
      fill(response, question.getName(), question, MOST_ALIASES);
    }
    if (query.getOPT() != null) {
      response.addRecord(new OPTRecord(OUR_PAYLOAD, 0, 0), Section.ADDITIONAL);
    }
    return response;
  }

  /** Answers with the records of {@code name}, which is the question's or what it stands for. */
  private void fill(Message response, Name name, Record question, int aliasesLeft) {
    int type = question.getType();
    switch (zone.answer(name, type)) {
      case Answer.Found found -> {
        response.getHeader().setFlag(Flags.AA);
        add(response, found.records(), Section.ANSWER);
        add(response, found.additional(), Section.ADDITIONAL);
      }
      case Answer.NoData() -> {
        response.getHeader().setFlag(Flags.AA);
        response.addRecord(zone.soa(), Section.AUTHORITY);
      }
      case Answer.NoName() -> {
        response.getHeader().setFlag(Flags.AA);
        response.getHeader().setRcode(Rcode.NXDOMAIN);
        response.addRecord(zone.soa(), Section.AUTHORITY);
      }
      case Answer.Alias alias -> {
        response.getHeader().setFlag(Flags.AA);
        response.addRecord(alias.cname(), Section.ANSWER);
        if (type != Type.CNAME && aliasesLeft > 0) {
          fill(response, alias.target(), question, aliasesLeft - 1);
        }
      }
      case Answer.NotOurs() -> forward(response, Record.newRecord(name, type, DClass.IN));
    }
  }

  private void forward(Message response, Record question) {
    Optional<Message> answer = forwarder.ask(question);
    if (answer.isEmpty()) {
      response.getHeader().setRcode(Rcode.SERVFAIL);
      return;
    }
    Message m = answer.get();
    response.getHeader().setRcode(m.getRcode());
    add(response, m.getSection(Section.ANSWER), Section.ANSWER);
    add(response, m.getSection(Section.AUTHORITY), Section.AUTHORITY);
    add(
        response,
        m.getSection(Section.ADDITIONAL).stream().filter(r -> r.getType() != Type.OPT).toList(),
        Section.ADDITIONAL);
  }

  private static void add(Message m, List<Record> records, int section) {
    records.forEach(r -> m.addRecord(r, section));
  }
}
