package io.jurumudi.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.jurumudi.api.Schemas;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Admission;
import io.kubernetes.client.proto.V1Admissionregistration;
import io.kubernetes.client.proto.V1Apiextensions;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import io.kubernetes.client.proto.V1Autoscaling;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Certificates;
import io.kubernetes.client.proto.V1Coordination;
import io.kubernetes.client.proto.V1Discovery;
import io.kubernetes.client.proto.V1Events;
import io.kubernetes.client.proto.V1Flowcontrol;
import io.kubernetes.client.proto.V1Networking;
import io.kubernetes.client.proto.V1Node;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Rbac;
import io.kubernetes.client.proto.V1Resource;
import io.kubernetes.client.proto.V1Scheduling;
import io.kubernetes.client.proto.V1Storage;
import io.kubernetes.client.proto.V1beta1Storagemigration;
import io.kubernetes.client.proto.V2Apidiscovery;
import io.kubernetes.client.proto.V2Autoscaling;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What we write in protobuf is, byte for byte, what the published client writes. */
class ProtobufTwinTest {
  private static final List<FileDescriptor> FILES =
      List.of(
          Meta.getDescriptor(),
          V1.getDescriptor(),
          V1Admission.getDescriptor(),
          V1Admissionregistration.getDescriptor(),
          V1Apiextensions.getDescriptor(),
          V1Apps.getDescriptor(),
          V1Authentication.getDescriptor(),
          V1Authorization.getDescriptor(),
          V1Autoscaling.getDescriptor(),
          V1Batch.getDescriptor(),
          V1Certificates.getDescriptor(),
          V1Coordination.getDescriptor(),
          V1Discovery.getDescriptor(),
          V1Events.getDescriptor(),
          V1Flowcontrol.getDescriptor(),
          V1Networking.getDescriptor(),
          V1Node.getDescriptor(),
          V1Policy.getDescriptor(),
          V1Rbac.getDescriptor(),
          V1Resource.getDescriptor(),
          V1Scheduling.getDescriptor(),
          V1Storage.getDescriptor(),
          V1beta1Storagemigration.getDescriptor(),
          V2Apidiscovery.getDescriptor(),
          V2Autoscaling.getDescriptor());

  @Test
  void everyTypeOfThePublishedClient() throws IOException {
    int compared = 0;
    for (FileDescriptor file : FILES) {
      for (Descriptor descriptor : file.getMessageTypes()) {
        String name = "io.k8s." + descriptor.getFullName().substring("k8s.io.".length());
        Optional<Schema<?>> schema = Schemas.byName(name);
        if (schema.isPresent()) {
          compare(schema.get(), descriptor);
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(550);
  }

  private static <M extends Message<M>> void compare(Schema<M> schema, Descriptor descriptor)
      throws IOException {
    for (int seed = 0; seed < 3; seed++) {
      byte[] ours = ProtoObjectWriter.write(new RandomMessages(seed).next(schema));
      DynamicMessage theirs = DynamicMessage.parseFrom(descriptor, ours);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      CodedOutputStream coded = CodedOutputStream.newInstance(out);
      coded.useDeterministicSerialization();
      theirs.writeTo(coded);
      coded.flush();
      assertThat(out.toByteArray()).as(schema.name() + "\n" + theirs).isEqualTo(ours);
      assertThat(theirs.toString()).as(schema.name()).doesNotContainPattern("(?m)^\\s*\\d+:");
    }
  }
}
