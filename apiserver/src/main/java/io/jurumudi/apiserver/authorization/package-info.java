/** Who may do what: RBAC, the node authorizer, and the masters who may do everything. */
@NullMarked
package io.jurumudi.apiserver.authorization;

import org.jspecify.annotations.NullMarked;
