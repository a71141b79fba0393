/** Which persistent volume suits which claim: asked by the binder and by the scheduler. */
@NullMarked
package io.jurumudi.machinery.volumes;

import org.jspecify.annotations.NullMarked;
