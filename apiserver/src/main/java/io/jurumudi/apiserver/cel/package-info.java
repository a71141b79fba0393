/**
 * Expressions in the Common Expression Language, with Kubernetes' libraries and limits: for match
 * conditions, admission policies and the rules of custom resources.
 */
@NullMarked
package io.jurumudi.apiserver.cel;

import org.jspecify.annotations.NullMarked;
