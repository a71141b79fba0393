package io.jurumudi.network.dns;

import java.util.List;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/** What the cluster's zone says to a question. */
sealed interface Answer {
  /** The name is of no zone of the cluster. */
  record NotOurs() implements Answer {}

  /** There is no such name. */
  record NoName() implements Answer {}

  /** The name is there, but not with records of that type. */
  record NoData() implements Answer {}

  record Found(List<Record> records, List<Record> additional) implements Answer {}

  /** Another name's records are to be looked up, and answered with this one. */
  record Alias(Record cname, Name target) implements Answer {}
}
