/** API services: groups that other servers answer for, behind this one. */
@NullMarked
package io.jurumudi.apiserver.aggregation;

import org.jspecify.annotations.NullMarked;
