package io.jurumudi.apiserver.registry;

import io.jurumudi.machinery.names.Names;
import java.util.List;

/** What a kind allows as an object's name. */
@FunctionalInterface
public interface NameRule {
  /** Most resources. */
  NameRule SUBDOMAIN = Names::isDns1123Subdomain;

  /** Namespaces, and whatever becomes part of a DNS name as one label. */
  NameRule LABEL = Names::isDns1123Label;

  /** Services. */
  NameRule DNS_1035 = Names::isDns1035Label;

  /** RBAC: whatever fits between two slashes of a path. */
  NameRule PATH_SEGMENT = Names::isPathSegmentName;

  /** What is wrong with the name, in upstream's words; empty when nothing is. */
  List<String> check(String name);
}
