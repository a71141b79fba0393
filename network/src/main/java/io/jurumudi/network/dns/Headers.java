package io.jurumudi.network.dns;

import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;

/** Headers of messages, whose counts belong to the message that they are of. */
final class Headers {
  private static final int[] FLAGS = {
    Flags.QR, Flags.AA, Flags.TC, Flags.RD, Flags.RA, Flags.AD, Flags.CD
  };

  private Headers() {}

  /** A message without records, with the same id, flags and code. */
  static Message like(Message m) {
    Header from = m.getHeader();
    Message copy = new Message(from.getID());
    Header to = copy.getHeader();
    to.setOpcode(from.getOpcode());
    to.setRcode(from.getRcode());
    for (int flag : FLAGS) {
      if (from.getFlag(flag)) {
        to.setFlag(flag);
      }
    }
    return copy;
  }
}
