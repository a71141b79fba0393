/** The smaller groups: networking, policy, RBAC, storage, scheduling and so on. */
@NullMarked
package io.jurumudi.apiserver.resources.cluster;

import org.jspecify.annotations.NullMarked;
