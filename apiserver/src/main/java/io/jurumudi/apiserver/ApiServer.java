package io.jurumudi.apiserver;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionChain;
import io.jurumudi.apiserver.admission.AdmittedConnect;
import io.jurumudi.apiserver.admission.AdmittedCreate;
import io.jurumudi.apiserver.admission.DefaultStorageClass;
import io.jurumudi.apiserver.admission.LimitRanger;
import io.jurumudi.apiserver.admission.NamespaceLifecycle;
import io.jurumudi.apiserver.admission.NodeTaints;
import io.jurumudi.apiserver.admission.PodDefaultsAdmission;
import io.jurumudi.apiserver.admission.RuntimeClassAdmission;
import io.jurumudi.apiserver.admission.ServiceAccountAdmission;
import io.jurumudi.apiserver.admission.ServiceAllocation;
import io.jurumudi.apiserver.admission.SigningRequestAdmission;
import io.jurumudi.apiserver.admission.StorageProtection;
import io.jurumudi.apiserver.aggregation.ApiServices;
import io.jurumudi.apiserver.aggregation.FrontProxy;
import io.jurumudi.apiserver.aggregation.RemoteServices;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.apiserver.authorization.Authorizer;
import io.jurumudi.apiserver.customresources.CustomResources;
import io.jurumudi.apiserver.discovery.Discovery;
import io.jurumudi.apiserver.front.ConnectHandler;
import io.jurumudi.apiserver.front.Paths;
import io.jurumudi.apiserver.front.Pipeline;
import io.jurumudi.apiserver.front.RequestMetrics;
import io.jurumudi.apiserver.front.ResourceRequests;
import io.jurumudi.apiserver.front.Responses;
import io.jurumudi.apiserver.openapi.OpenApi;
import io.jurumudi.apiserver.policy.AdmissionVariables;
import io.jurumudi.apiserver.policy.ExpressionValidation;
import io.jurumudi.apiserver.policy.MutatingPolicies;
import io.jurumudi.apiserver.policy.ValidatingPolicies;
import io.jurumudi.apiserver.quota.QuotaAdmission;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.LiveCatalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ResourceStores;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.apiserver.resources.AllResources;
import io.jurumudi.apiserver.resources.core.ComponentStatuses;
import io.jurumudi.apiserver.resources.core.PodSubresources;
import io.jurumudi.apiserver.resources.prerelease.Prereleases;
import io.jurumudi.apiserver.storage.Compaction;
import io.jurumudi.apiserver.verbs.FieldOwnership;
import io.jurumudi.apiserver.verbs.VerbContext;
import io.jurumudi.apiserver.verbs.Verbs;
import io.jurumudi.apiserver.verbs.Watches;
import io.jurumudi.apiserver.webhooks.MutatingWebhooks;
import io.jurumudi.apiserver.webhooks.ServiceResolver;
import io.jurumudi.apiserver.webhooks.ValidatingWebhooks;
import io.jurumudi.apiserver.webhooks.WebhookClient;
import io.jurumudi.http.HttpServer;
import io.jurumudi.http.HttpServerConfig;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.store.StoreException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kubernetes API server over a store. Any number may live in a process; each owns its sockets,
 * watches and caches and lets go of them at its close. The store is its owner's to close.
 */
public final class ApiServer implements AutoCloseable {
  /** What is served, and what the server says it is. */
  public static final String VERSION = "v1.36.3";

  private static final Logger log = LoggerFactory.getLogger(ApiServer.class);
  private static final int DEFAULT_PORT = 6443;

  private final ResourceStores stores;
  private final LiveCatalog catalogs;
  private final ServerObjects objects;
  private final CustomResources custom;
  private final Security security;
  private final PodSubresources pods;
  private final Dispatcher dispatcher;
  private final @Nullable HttpServer http;
  private final ObjectSource.Following following;
  private final List<AutoCloseable> followers = new ArrayList<>();
  private final AdmissionChain admission;
  private final RemoteServices remotes;
  private final Compaction compaction;
  private volatile boolean closing;

  private ApiServer(ApiServerConfig config) throws IOException {
    stores = new ResourceStores(config.store());
    catalogs = new LiveCatalog(new Catalog(kinds(config), List.of()));
    objects = new ServerObjects(catalogs, stores);
    security = config.security().create(objects);
    catalogs.change(stored -> stored.withAsked(asked(security, this::bind)));
    Catalog catalog = catalogs.get();
    ServiceAllocation services =
        new ServiceAllocation(objects, config.random(), config.serviceCidr(), config.nodePorts());
    List<Admission> rules = new ArrayList<>();
    rules.add(new NamespaceLifecycle(objects));
    rules.add(new ServiceAccountAdmission(objects, config.random()));
    rules.add(new LimitRanger(objects));
    rules.add(new PodDefaultsAdmission(objects));
    rules.add(new RuntimeClassAdmission(objects));
    rules.add(new NodeTaints());
    rules.add(new SigningRequestAdmission());
    rules.add(new StorageProtection());
    rules.add(new DefaultStorageClass(objects));
    rules.addAll(security.admission());
    ServiceResolver resolver = new ServiceResolver(objects, config.random());
    WebhookClient webhooks = new WebhookClient(resolver, config.timer());
    custom =
        new CustomResources(catalogs, stores, objects, webhooks, config.clock(), config.executor());
    AdmissionVariables variables = new AdmissionVariables(objects, security.authorizer());
    MutatingPolicies mutatingPolicies = new MutatingPolicies(objects, catalogs, variables);
    MutatingWebhooks mutating = new MutatingWebhooks(objects, webhooks, variables);
    ValidatingPolicies validatingPolicies = new ValidatingPolicies(objects, catalogs, variables);
    ValidatingWebhooks validating =
        new ValidatingWebhooks(objects, webhooks, variables, config.executor());
    rules.add(new ExpressionValidation());
    rules.add(mutatingPolicies);
    rules.add(mutating);
    rules.add(validatingPolicies);
    rules.add(validating);
    rules.add(new QuotaAdmission(stores, catalogs, config.clock()));
    followers.addAll(List.of(mutatingPolicies, mutating, validatingPolicies, validating, webhooks));
    admission = new AdmissionChain(rules, List.of(services, custom));
    VerbContext context =
        new VerbContext(
            stores,
            admission,
            new FieldOwnership(config.clock()),
            config.clock(),
            config.random(),
            config.executor(),
            config.timer());
    Verbs verbs = new Verbs(context);
    Map<String, SubresourceCreate> creates = new HashMap<>(security.creates());
    pods = new PodSubresources(catalog, verbs, objects, config.clock());
    creates.put("pods/binding", pods::bind);
    creates.put("pods/eviction", pods::evict);
    creates.replaceAll((path, create) -> admitted(path, create));
    dispatcher = new Dispatcher(catalogs, verbs, creates);
    Bootstrap bootstrap = new Bootstrap(catalog, verbs, objects);
    bootstrap.namespaces();
    bootstrap.priorityClasses();
    bootstrap.roles();
    custom.start(verbs);
    FrontProxy frontProxy = security.frontProxy();
    if (frontProxy != null) {
      bootstrap.put(Resources.CONFIGMAPS, ApiServices.authentication(frontProxy));
    }
    ApiServices apiServices = new ApiServices(verbs, objects, catalog, config.clock());
    remotes =
        new RemoteServices(
            objects, resolver, frontProxy, apiServices, config.executor(), config.timer());
    followers.add(remotes);
    catalogs.onChange(changed -> config.executor().execute(() -> register(apiServices)));
    config.executor().execute(() -> register(apiServices));
    bootstrap.serviceCidr(config.serviceCidr());
    http = config.address() == null ? null : listen(config, config.address());
    InetSocketAddress advertised = advertised(config);
    bootstrap.service(services.firstAddress(), advertised);
    compaction = new Compaction(config.store(), config.timer());
    following =
        objects.follow(
            Resources.SERVICES,
            new Restore(
                () -> {
                  if (!closing) {
                    config
                        .executor()
                        .execute(() -> bootstrap.service(services.firstAddress(), advertised));
                  }
                }));
  }

  /**
   * Starts a server; it answers when this returns.
   *
   * @throws IOException when it cannot listen
   */
  public static ApiServer start(ApiServerConfig config) throws IOException {
    return new ApiServer(config);
  }

  private static List<Resource<?>> kinds(ApiServerConfig config) {
    List<Resource<?>> kinds =
        new ArrayList<>(Prereleases.with(AllResources.list(config.clock()), config.versions()));
    kinds.add(ComponentStatuses.resource(() -> config.store().revision() > 0));
    return kinds;
  }

  private Message<?> bind(
      CallContext caller, String namespace, Message<?> binding, boolean dryRun) {
    return pods.bind(caller, namespace, binding, dryRun);
  }

  private static List<Served.Asked> asked(Security security, Served.Answering bindings) {
    List<Served.Asked> asked = new ArrayList<>();
    asked.add(new Served.Asked(Resources.BINDINGS, bindings));
    for (var type : Resources.ALL) {
      Served.Answering answering = security.answers().get(type.group() + "/" + type.plural());
      if (answering != null && type.version().equals("v1")) {
        asked.add(new Served.Asked(type, answering));
      }
    }
    return asked;
  }

  /**
   * @param path resource and subresource
   */
  private SubresourceCreate admitted(String path, SubresourceCreate create) {
    int slash = path.indexOf('/');
    Resource<?> resource =
        switch (path.substring(0, slash)) {
          case "pods" -> catalogs.get().resource(Resources.PODS);
          case "serviceaccounts" -> catalogs.get().resource(Resources.SERVICEACCOUNTS);
          default -> throw new IllegalArgumentException(path);
        };
    return new AdmittedCreate(create, resource, path.substring(slash + 1), admission);
  }

  private HttpServer listen(ApiServerConfig config, InetSocketAddress address) throws IOException {
    Paths paths = new Paths();
    new Discovery(catalogs, remotes::versions, () -> text(address())).addTo(paths);
    new OpenApi(catalogs, "1.36").addTo(paths);
    new Health()
        .live("ping", () -> true)
        .live("etcd", () -> config.store().revision() > 0)
        .ready("shutdown", () -> !closing)
        .addTo(paths);
    byte[] version = version();
    paths.at("/version", exchange -> Responses.json(exchange, version));
    paths.at(
        "/",
        exchange ->
            Responses.json(exchange, Trees.writeJson(Map.of("paths", List.copyOf(paths.all())))));
    security.paths().addTo(paths);
    RequestMetrics metrics = new RequestMetrics();
    paths.at(
        "/metrics",
        exchange -> Responses.text(exchange, 200, "text/plain; version=0.0.4", metrics.text()));
    Pipeline pipeline =
        new Pipeline(
            security.authenticator(),
            security.authorizer(),
            paths,
            security.connects().stream()
                .<ConnectHandler>map(c -> new AdmittedConnect(c, catalogs.get(), admission))
                .toList(),
            remotes,
            new ResourceRequests(
                new Allowed(), dispatcher::serves, dispatcher::jsonOnly, config.clock()),
            metrics);
    return HttpServer.start(
        HttpServerConfig.of(address, config.tls()).withName("apiserver"),
        pipeline,
        config.executor());
  }

  private static byte[] version() {
    Map<String, @Nullable Object> version = new LinkedHashMap<>();
    version.put("major", "1");
    version.put("minor", "36");
    version.put("gitVersion", VERSION);
    version.put("gitCommit", "");
    version.put("gitTreeState", "clean");
    version.put("buildDate", "2026-01-01T00:00:00Z");
    version.put("goVersion", "");
    version.put("compiler", "javac");
    version.put("platform", "linux/" + arch());
    return Trees.writeJson(version);
  }

  private static String arch() {
    String arch = System.getProperty("os.arch", "amd64");
    return arch.equals("aarch64") ? "arm64" : arch;
  }

  private InetSocketAddress advertised(ApiServerConfig config) {
    InetSocketAddress given = config.advertised();
    if (given != null) {
      return given.getPort() == 0 && http != null
          ? new InetSocketAddress(given.getAddress(), http.address().getPort())
          : given;
    }
    return http != null
        ? http.address()
        : new InetSocketAddress(InetAddress.getLoopbackAddress(), DEFAULT_PORT);
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  /**
   * Where it listens.
   *
   * @throws IllegalStateException when it does not
   */
  public InetSocketAddress address() {
    if (http == null) {
      throw new IllegalStateException("this server listens nowhere");
    }
    return http.address();
  }

  /** For components of the same process: authorized as over HTTP, objects shared. */
  public ApiHandler handler() {
    return new Guarded(security.authorizer());
  }

  /** The server's objects, read straight from the store. */
  public ServerObjects objects() {
    return objects;
  }

  @Override
  public void close() {
    closing = true;
    following.close();
    custom.close();
    followers.forEach(ApiServer::close);
    compaction.close();
    stores.close();
    Optional.ofNullable(http).ifPresent(HttpServer::close);
  }

  private void register(ApiServices apiServices) {
    if (!closing) {
      try {
        apiServices.follow(catalogs.get());
      } catch (StoreException e) {
        // The server stops, or its disk is full: the next start or change does it.
        log.warn("API services not registered cause={}", e.getMessage());
      }
    }
  }

  private static void close(AutoCloseable follower) {
    try {
      follower.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Puts the service back through which pods reach the server, should somebody delete it. */
  private record Restore(Runnable again) implements ObjectSource.Listener<Service> {
    @Override
    public void stored(Service service) {}

    @Override
    public void deleted(Service service) {
      if (service.metadata().name().equals("kubernetes")
          && service.metadata().namespace().equals("default")) {
        again.run();
      }
    }
  }

  /** Calls that the pipeline has authorized. */
  private final class Allowed implements ApiHandler {
    @Override
    public Answer call(CallContext caller, ApiCall call) {
      return dispatcher.call(caller, call);
    }

    @Override
    public Watches.Running watch(CallContext caller, ApiCall call, WatchSink sink) {
      return dispatcher.watch(caller, call, sink);
    }
  }

  /** Calls that came without the pipeline. */
  private final class Guarded implements ApiHandler {
    private final Authorizer authorizer;

    Guarded(Authorizer authorizer) {
      this.authorizer = Objects.requireNonNull(authorizer);
    }

    @Override
    public Answer call(CallContext caller, ApiCall call) {
      Pipeline.authorize(authorizer, caller.user(), call);
      return dispatcher.call(caller, call);
    }

    @Override
    public Watches.Running watch(CallContext caller, ApiCall call, WatchSink sink) {
      Pipeline.authorize(authorizer, caller.user(), call);
      return dispatcher.watch(caller, call, sink);
    }
  }
}
