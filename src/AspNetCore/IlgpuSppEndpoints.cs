using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using IlgpuSpp.AspNetCore;
using IlgpuSpp.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The endpoints of a server of models.</summary>
public static partial class IlgpuSppEndpoints
{
    private const string ProblemType = "application/problem+json", JsonType = "application/json; charset=utf-8";

    /// <summary>
    /// Maps <c>POST /v1/classify</c>, <c>POST /v1/detect</c>, <c>GET /v1/models</c>, <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>, <c>/openapi.json</c> and a page at <c>/</c>
    /// for people. The models are those of <c>services.AddIlgpuSpp()</c>.
    /// </summary>
    /// <param name="endpoints">The application, or a group of its routes.</param>
    /// <returns>The group, for conventions of one's own.</returns>
    public static IEndpointConventionBuilder MapIlgpuSpp(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RouteGroupBuilder group = endpoints.MapGroup("");
        var server = new Endpoints(endpoints.ServiceProvider);
        group.MapPost("/v1/classify", server.Of("classify", isOpen: false, (context, time) => AnswerAsync(context, time, server.Models.ClassifyAsync, AnswerContext.Default.ClassifyAnswer)));
        group.MapPost("/v1/detect", server.Of("detect", isOpen: false, (context, time) => AnswerAsync(context, time, server.Models.DetectAsync, AnswerContext.Default.DetectAnswer)));
        group.MapGet("/v1/models", server.Of("models", isOpen: false, server.ListAsync));
        group.MapGet("/metrics", server.Of("metrics", isOpen: false, server.MetricsAsync));
        group.MapGet("/healthz", server.Of("healthz", isOpen: true, (context, _) => WriteAsync(context, StatusCodes.Status200OK, new StateAnswer("ok"), AnswerContext.Default.StateAnswer, JsonType)));
        group.MapGet("/readyz", server.Of("readyz", isOpen: true, server.ReadyAsync));
        group.MapGet("/openapi.json", server.Of("openapi", isOpen: true, Resource("openapi.json", JsonType)));
        group.MapGet("/", server.Of("page", isOpen: true, Resource("index.html", "text/html; charset=utf-8")));
        group.MapGet("/ilgpuspp.css", server.Of("page", isOpen: true, Resource("ilgpuspp.css", "text/css; charset=utf-8")));
        group.MapGet("/ilgpuspp.js", server.Of("page", isOpen: true, Resource("ilgpuspp.js", "text/javascript; charset=utf-8")));
        return group;
    }

    /// <summary>Writes a refusal as problem JSON (RFC 9457).</summary>
    internal static Task RefuseAsync(HttpContext context, RefusalException refusal)
    {
        if (refusal.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return WriteAsync(context, refusal.Status, refusal.Problem, AnswerContext.Default.ProblemAnswer, ProblemType);
    }

    private static async Task AnswerAsync<T>(HttpContext context, RequestTime time, Func<HttpContext, RequestTime, Task<T>> answer, JsonTypeInfo<T> form) =>
        await WriteAsync(context, StatusCodes.Status200OK, await answer(context, time).ConfigureAwait(false), form, JsonType).ConfigureAwait(false);

    private static async Task WriteAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> form, string type)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(answer, form);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
    }

    private static Func<HttpContext, RequestTime, Task> Resource(string name, string type)
    {
        Assembly assembly = typeof(IlgpuSppEndpoints).Assembly;
        return async (context, _) =>
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            context.Response.ContentType = type;
            context.Response.ContentLength = stream.Length;
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers.CacheControl = "no-cache";
            await stream.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
        };
    }

    /// <summary>What all endpoints share: keys, time, refusals, counts.</summary>
    private sealed partial class Endpoints(IServiceProvider services)
    {
        private readonly ServingMetrics _metrics = services.GetRequiredService<ServingMetrics>();
        private readonly ServingOptions _options = services.GetRequiredService<IOptions<ServingOptions>>().Value;
        private readonly ModelCatalog _catalog = services.GetRequiredService<ModelCatalog>();
        private readonly IHostApplicationLifetime _lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        private readonly ILogger _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("IlgpuSpp.AspNetCore");
        private readonly byte[]? _key = services.GetRequiredService<IOptions<ServingOptions>>().Value.ApiKey is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : null;

        public ModelService Models { get; } = services.GetRequiredService<ModelService>();

        public RequestDelegate Of(string endpoint, bool isOpen, Func<HttpContext, RequestTime, Task> answer) => async context =>
        {
            long start = Stopwatch.GetTimestamp();
            using var time = new RequestTime(_options.Timeout, context.RequestAborted);
            try
            {
                if (!isOpen) CheckKey(context.Request);
                await answer(context, time).ConfigureAwait(false);
            }
            catch (RefusalException refusal) when (!context.Response.HasStarted)
            {
                if (refusal.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
                await RefuseAsync(context, refusal).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (time.IsAborted)
            {
                // The client has gone and hears nothing; 499 as proxies count it.
                context.Response.StatusCode = 499;
            }
            catch (OperationCanceledException) when (time.Token.IsCancellationRequested && !context.Response.HasStarted)
            {
                await RefuseAsync(context, time.Refusal(_options.Timeout)).ConfigureAwait(false);
            }
            catch (BadHttpRequestException error) when (!context.Response.HasStarted)
            {
                await RefuseAsync(context, new RefusalException(error.StatusCode, error.StatusCode switch
                {
                    StatusCodes.Status413PayloadTooLarge => $"an image's file may have at most {_options.MaxImageBytes} bytes; scale the image down or compress it more",
                    StatusCodes.Status408RequestTimeout => "the body came too slowly; send it again over a faster connection",
                    _ => "the body is not as its head announced; send it again",
                })).ConfigureAwait(false);
            }
            catch (Exception error) when (error is DeviceException or DeviceMemoryException && !context.Response.HasStarted)
            {
                LogFailed(_logger, context.Request.Path, error.Message);
                await RefuseAsync(context, new RefusalException(StatusCodes.Status503ServiceUnavailable, "the device has no room for this image now; ask again in a moment or send a smaller one") { RetryAfter = 1 }).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Clients get one line and no more; the log has the rest.
            catch (Exception error) when (!context.Response.HasStarted)
#pragma warning restore CA1031
            {
                LogFailed(_logger, context.Request.Path, error.ToString());
                await RefuseAsync(context, new RefusalException(StatusCodes.Status500InternalServerError, "the server failed; its log says why")).ConfigureAwait(false);
            }
            finally
            {
                _metrics.Request(endpoint, context.Response.StatusCode, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        };

        public Task ListAsync(HttpContext context, RequestTime time)
        {
            var models = new List<ModelAnswer>();
            foreach (ServedModel served in _catalog.Models)
            {
                LoadedModel model = served.Rent();
                try
                {
                    models.Add(new ModelAnswer(served.Name, served.Kind == ModelKind.Classifier ? "classifier" : "detector", model.Network, model.ClassNames, served.Version, served.LoadedAt, served.Problem));
                }
                finally
                {
                    model.Return();
                }
            }
            return WriteAsync(context, StatusCodes.Status200OK, new ModelsAnswer(models), AnswerContext.Default.ModelsAnswer, JsonType);
        }

        public Task ReadyAsync(HttpContext context, RequestTime time) => _lifetime.ApplicationStopping.IsCancellationRequested
            ? throw new RefusalException(StatusCodes.Status503ServiceUnavailable, "the server is stopping; ask another")
            : WriteAsync(context, StatusCodes.Status200OK, new StateAnswer("ready"), AnswerContext.Default.StateAnswer, JsonType);

        public async Task MetricsAsync(HttpContext context, RequestTime time)
        {
            context.Response.ContentType = PrometheusText.ContentType;
            await context.Response.WriteAsync(_metrics.Text.Write(), time.Token).ConfigureAwait(false);
        }

        // Hashes have one length, and comparing them tells nothing about the key by the time it takes.
        private void CheckKey(HttpRequest request)
        {
            if (_key is null) return;
            string? given = request.Headers["X-Api-Key"];
            if (given is null && request.Headers.Authorization.ToString() is { } header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) given = header["Bearer ".Length..].Trim();
            if (given is null || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _key))
                throw new RefusalException(StatusCodes.Status401Unauthorized, $"{(given is null ? "a key is needed" : "the key is not the server's")}; send the one of --api-key as 'Authorization: Bearer KEY'");
        }

        [LoggerMessage(10, LogLevel.Error, "{Path}: {Reason}")]
        private static partial void LogFailed(ILogger logger, string path, string reason);
    }
}
