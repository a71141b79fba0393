/** Who is asking: client certificates, bearer tokens, the front proxy's headers, anonymous. */
@NullMarked
package io.jurumudi.apiserver.authentication;

import org.jspecify.annotations.NullMarked;
