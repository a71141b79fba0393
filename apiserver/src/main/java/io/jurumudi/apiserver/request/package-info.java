/** What a request says before anything is done about it: path, options, media types. */
@NullMarked
package io.jurumudi.apiserver.request;

import org.jspecify.annotations.NullMarked;
