package io.jurumudi.apiserver.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.batch.v1.CronJob;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.networking.v1.NetworkPolicy;
import io.jurumudi.api.resource.v1.ResourceClaim;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.defaults.ClusterDefaults;
import io.jurumudi.apiserver.defaults.CoreDefaults;
import io.jurumudi.apiserver.defaults.PodDefaults;
import io.jurumudi.apiserver.defaults.WorkloadDefaults;
import io.jurumudi.machinery.codec.Decoding;
import io.jurumudi.machinery.codec.Json;
import io.jurumudi.machinery.errors.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad values in, field errors out; each row was held against a real Kubernetes v1.36. */
class ValidationTest {
  private static final String CONTAINERS = "\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]";

  /** An object from JSON in which single quotes stand for double ones. */
  private static <M extends Message<M>> M read(Schema<M> schema, String json) {
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return Json.read(schema, bytes, Decoding.STRICT).object();
  }

  private static String told(List<FieldError> errors) {
    return errors.stream()
        .map(e -> e.type().cause().replace("FieldValue", "") + " " + e.field())
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .collect(Collectors.joining("; "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'restartPolicy':'Maybe'                     | NotSupported spec.restartPolicy
          'dnsPolicy':'None'                          | Required spec.dnsConfig
          'hostAliases':[{'ip':'x','hostnames':['_']}]| Invalid spec.hostAliases[0].hostnames[0]; Invalid spec.hostAliases[0].ip
          'nodeSelector':{'a':'b c'}                  | Invalid spec.nodeSelector
          'activeDeadlineSeconds':0                   | Invalid spec.activeDeadlineSeconds
          'tolerations':[{'operator':'Equal'}]        | Invalid spec.tolerations[0].operator
          'volumes':[{}]                              | Required spec.volumes[0].name
          'volumes':[{'name':'v','hostPath':{'path':'/a/..'}}] | Invalid spec.volumes[0].hostPath.path
          'volumes':[{'name':'v','secret':{'secretName':'s','items':[{'key':'k','path':'/p'}]}}] | Invalid spec.volumes[0].secret.items[0].path
          'volumes':[{'name':'v','iscsi':{'targetPortal':'t','iqn':'x','lun':0}}] | Invalid spec.volumes[0].iscsi.iqn
          'volumes':[{'name':'v','rbd':{'monitors':[],'image':''}}] | Required spec.volumes[0].rbd.image; Required spec.volumes[0].rbd.monitors
          'securityContext':{'runAsUser':-1}          | Invalid spec.securityContext.runAsUser
          'securityContext':{'seccompProfile':{'type':'Localhost'}} | Required spec.securityContext.seccompProfile.localhostProfile
          'hostUsers':false,'hostPID':true            | Forbidden spec.HostPID
          'initContainers':[{'name':'c','image':'i'}] | Duplicate spec.initContainers[0].name
          'initContainers':[{'name':'d','image':'i','readinessProbe':{'exec':{'command':['x']}}}] | Forbidden spec.initContainers[0].readinessProbe
          """)
  void podSpecs(String field, String expected) {
    Pod pod =
        read(Pod.SCHEMA, "{'metadata':{'name':'p'},'spec':{" + CONTAINERS + "," + field + "}}");
    assertThat(told(PodValidation.create(PodDefaults.pod(pod)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'requests':[{'name':'r'}]                   | Required spec.devices.requests[0]
          'constraints':[{'requests':['r'],'matchAttribute':'a.b/c'}] | Invalid spec.devices.constraints[0].requests[0]
          'config':[{'opaque':{'driver':'a.b','parameters':[1]}}] | Invalid spec.devices.config[0].opaque.parameters
          'requests':[{'name':'r','exactly':{'deviceClassName':'c','allocationMode':'All','count':1}}] | Invalid spec.devices.requests[0].exactly.count
          """)
  void claimsOfDevices(String field, String expected) {
    ResourceClaim claim =
        read(ResourceClaim.SCHEMA, "{'metadata':{'name':'c'},'spec':{'devices':{" + field + "}}}");
    assertThat(told(DeviceValidation.claim(claim))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'ports':[{'containerPort':0}]               | Required spec.containers[0].ports[0].containerPort
          'env':[{'name':'A','valueFrom':{}}]         | Invalid spec.containers[0].env[0].valueFrom
          'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'spec.x'}}}] | Invalid spec.containers[0].env[0].valueFrom.fieldRef.fieldPath
          'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'status.phase'}}}] | NotSupported spec.containers[0].env[0].valueFrom.fieldRef.fieldPath
          'envFrom':[{}]                              | Invalid spec.containers[0].envFrom
          'livenessProbe':{}                          | Required spec.containers[0].livenessProbe
          'livenessProbe':{'exec':{'command':['a']},'successThreshold':2} | Invalid spec.containers[0].livenessProbe.successThreshold
          'volumeMounts':[{'name':'x','mountPath':'/'}] | NotFound spec.containers[0].volumeMounts[0].name
          'resources':{'requests':{'cpu':'2'},'limits':{'cpu':'1'}} | Invalid spec.containers[0].resources.requests
          'resources':{'limits':{'cpus':'1'}}         | Invalid spec.containers[0].resources.limits[cpus]; Invalid spec.containers[0].resources.requests[cpus]
          'resources':{'requests':{'a.b/c':'1'}}      | Required spec.containers[0].resources.limits
          'lifecycle':{'preStop':{'sleep':{'seconds':31}}} | Invalid spec.containers[0].lifecycle.preStop.sleep
          """)
  void containers(String field, String expected) {
    Pod pod =
        read(
            Pod.SCHEMA,
            "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'i',"
                + field
                + "}]}}");
    assertThat(told(PodValidation.create(PodDefaults.pod(pod)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'replicas':-1                               | Invalid spec.replicas
          'strategy':{'type':'Never'}                 | NotSupported spec.strategy
          'strategy':{'rollingUpdate':{'maxSurge':0,'maxUnavailable':'0%'}} | Invalid spec.strategy.rollingUpdate.maxUnavailable
          'strategy':{'rollingUpdate':{'maxUnavailable':'101%'}} | Invalid spec.strategy.rollingUpdate.maxUnavailable
          'minReadySeconds':9,'progressDeadlineSeconds':9 | Invalid spec.progressDeadlineSeconds
          'selector':{}                               | Invalid spec.selector
          'selector':{'matchLabels':{'a':'c'}}        | Invalid spec.template.metadata.labels
          'selector':{'matchExpressions':[{'key':'a','operator':'Near'}]} | Invalid spec.selector; Invalid spec.selector.matchExpressions[0].operator
          """)
  void deployments(String field, String expected) {
    String selector = field.contains("selector") ? "" : "'selector':{'matchLabels':{'a':'b'}},";
    String spec =
        selector
            + field
            + ",'template':{'metadata':{'labels':{'a':'b'}},'spec':{"
            + CONTAINERS
            + "}}";
    Deployment d = read(Deployment.SCHEMA, "{'spec':{" + spec + "}}");
    assertThat(told(WorkloadValidation.deployment(WorkloadDefaults.deployment(d))))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'ports':[]                                  | Required spec.ports
          'ports':[{'port':0}]                        | Invalid spec.ports[0].port; Invalid spec.ports[0].targetPort
          'ports':[{'port':1},{'port':1}]             | Duplicate spec.ports[1]; Required spec.ports[0].name; Required spec.ports[1].name
          'ports':[{'port':1,'nodePort':30000}]       | Forbidden spec.ports[0].nodePort
          'type':'ExternalName'                       | Required spec.externalName
          'type':'NodePort','clusterIP':'None'        | Invalid spec.clusterIPs[0]
          'ports':[{'port':1}],'externalIPs':['127.0.0.1'] | Invalid spec.externalIPs[0]
          'ports':[{'port':1}],'loadBalancerSourceRanges':['1.2.3.4/33'] | Forbidden spec.LoadBalancerSourceRanges; Invalid spec.LoadBalancerSourceRanges[0]
          'ports':[{'port':1}],'sessionAffinity':'Sticky' | NotSupported spec.sessionAffinity
          """)
  void services(String field, String expected) {
    Service s = read(Service.SCHEMA, "{'spec':{" + field + "}}");
    assertThat(told(ServiceValidation.create(CoreDefaults.service(s)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          */5 * * * *        |
          @hourly            |
          @every 1h30m       |
          0 0 1,15 jan-mar ? |
          * * * *            | Invalid spec.schedule
          60 * * * *         | Invalid spec.schedule
          */0 * * * *        | Invalid spec.schedule
          5-1 * * * *        | Invalid spec.schedule
          @sometimes         | Invalid spec.schedule
          TZ=UTC 0 0 * * *   | Invalid spec.schedule
          """)
  void schedules(String schedule, String expected) {
    String template = "{'spec':{'restartPolicy':'Never'," + CONTAINERS + "}}";
    String json =
        "{'metadata':{'name':'c'},'spec':{'schedule':'"
            + schedule
            + "','jobTemplate':{'spec':{'template':"
            + template
            + "}}}}";
    CronJob c = WorkloadDefaults.cronJob(read(CronJob.SCHEMA, json));
    assertThat(told(BatchValidation.cronJob(c))).isEqualTo(expected == null ? "" : expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'accessModes':['Any'],'resources':{'requests':{'storage':'1Gi'}} | NotSupported spec.accessModes
          'accessModes':['ReadWriteOnce']             | Required spec.resources[storage]
          'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'0'}} | Invalid spec.resources[storage]
          """)
  void claims(String fields, String expected) {
    var claim = read(PersistentVolumeClaim.SCHEMA, "{'spec':{" + fields + "}}");
    assertThat(told(StorageValidation.claim(CoreDefaults.claim(claim)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          10.0.0.0/8  | 10.1.0.0/16 |
          10.0.0.0/8  | 11.1.0.0/16 | Invalid spec.ingress[0].from[0].ipBlock.except[0]
          10.0.0.0/8  | 10.0.0.0/8  | Invalid spec.ingress[0].from[0].ipBlock.except[0]
          10.0.0.0/33 | 10.0.0.0/8  | Invalid spec.ingress[0].from[0].ipBlock.cidr
          """)
  void networkPolicies(String cidr, String except, String expected) {
    String peer = "{'ipBlock':{'cidr':'" + cidr + "','except':['" + except + "']}}";
    var policy = read(NetworkPolicy.SCHEMA, "{'spec':{'ingress':[{'from':[" + peer + "]}]}}");
    assertThat(told(NetworkValidation.policy(ClusterDefaults.networkPolicy(policy))))
        .isEqualTo(expected == null ? "" : expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          data  |
          other | NotFound spec.template.spec.containers[0].volumeMounts[0].name
          """)
  void aStatefulSetsPodsHaveItsClaims(String mounted, String expected) {
    String mounts = "'volumeMounts':[{'name':'" + mounted + "','mountPath':'/d'}]";
    String json =
        "{'spec':{'selector':{'matchLabels':{'a':'b'}},'volumeClaimTemplates':[{'metadata':"
            + "{'name':'data'},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':"
            + "{'storage':'1Gi'}}}}],'template':{'metadata':{'labels':{'a':'b'}},'spec':"
            + "{'containers':[{'name':'c','image':'i',"
            + mounts
            + "}]}}}}";
    StatefulSet s = WorkloadDefaults.statefulSet(read(StatefulSet.SCHEMA, json));
    assertThat(told(WorkloadValidation.statefulSet(s))).isEqualTo(expected == null ? "" : expected);
  }
}
