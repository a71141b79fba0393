/** What objects use of quotas: the controller counts it, and admission charges it. */
@NullMarked
package io.jurumudi.machinery.quota;

import org.jspecify.annotations.NullMarked;
