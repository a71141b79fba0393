/** Objects of the API that the kubelet reads and writes, behind what the other rooms ask for. */
@NullMarked
package io.jurumudi.kubelet.objects;

import org.jspecify.annotations.NullMarked;
