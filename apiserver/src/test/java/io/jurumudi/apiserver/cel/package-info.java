@org.jspecify.annotations.NullMarked
package io.jurumudi.apiserver.cel;
