/** Admission by expressions: match conditions, validating and mutating admission policies. */
@NullMarked
package io.jurumudi.apiserver.policy;

import org.jspecify.annotations.NullMarked;
