package io.jurumudi.kubelet.probe;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.LifecycleHandler;
import io.jurumudi.cri.ExecResult;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Runs postStart and preStop hooks (upstream's pkg/kubelet/lifecycle). Blocks; any thread. */
public final class Hooks {
  private final RuntimeService runtime;

  public Hooks(RuntimeService runtime) {
    this.runtime = runtime;
  }

  /**
   * @param timeout after which the hook counts as failed
   * @return what went wrong, if something did
   */
  public Optional<String> run(
      LifecycleHandler hook, Container c, String containerId, String podIP, Duration timeout) {
    var exec = hook.exec();
    var http = hook.httpGet();
    var sleep = hook.sleep();
    try {
      if (exec != null) {
        ExecResult result = runtime.execSync(containerId, exec.command(), timeout);
        if (result.exitCode() == 0) {
          return Optional.empty();
        }
        return Optional.of(
            "command '"
                + String.join(" ", exec.command())
                + "' exited with "
                + result.exitCode()
                + ": "
                + new String(result.stderr(), StandardCharsets.UTF_8)
                + ", message: \""
                + new String(result.stdout(), StandardCharsets.UTF_8)
                + "\"");
      }
      if (http != null) {
        Outcome outcome =
            HttpProbe.get(Prober.request(http, c, podIP, "kube-lifecycle/1.36"), timeout);
        return outcome.kind() == Outcome.Kind.FAILURE
            ? Optional.of(outcome.output())
            : Optional.empty();
      }
      if (sleep != null) {
        Duration wish = Duration.ofSeconds(sleep.seconds());
        Thread.sleep(wish.compareTo(timeout) < 0 ? wish : timeout);
        return Optional.empty();
      }
      return Optional.of("invalid handler");
    } catch (RuntimeServiceException | IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }
}
