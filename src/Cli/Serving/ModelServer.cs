using System.Net.Sockets;
using IlgpuSpp.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Serving;

/// <summary>The web server of <c>serve</c>, from its start until a signal.</summary>
internal static class ModelServer
{
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(5);

    /// <summary>Serves until the token is cancelled, then finishes the requests it has.</summary>
    /// <param name="request">What is served where.</param>
    /// <param name="backend">Where models run.</param>
    /// <param name="timeout">Longest time of a request.</param>
    /// <param name="interrupt">Ends it.</param>
    public static async Task<int> RunAsync(ServeRequest request, Backend backend, TimeSpan timeout, CancellationToken interrupt)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddProvider(new ServerLog()).SetMinimumLevel(LogLevel.Warning).AddFilter("IlgpuSpp", LogLevel.Information).AddFilter("Microsoft", LogLevel.None);
        builder.WebHost.UseUrls([.. request.Urls]).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // Signals are the command line's.
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = timeout + StopReserve);
        IlgpuSppBuilder models = builder.Services.AddIlgpuSpp(request.Configure).UseBackend(backend);
        foreach (ServedName model in request.Models) _ = model.IsDetector ? models.AddDetector(model.Name, model.Path) : models.AddClassifier(model.Name, model.Path);
        if (request.Reloads) models.WatchForChanges();
        await using WebApplication app = builder.Build();
        app.MapIlgpuSpp();
        app.MapFallback(context => IlgpuSppEndpoints.RefuseAsync(context, new RefusalException(StatusCodes.Status404NotFound, "there is nothing here; /openapi.json tells what there is")));
        try
        {
            await app.StartAsync(interrupt);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException || error.InnerException is AggregateException { InnerException: AddressInUseException })
        {
            throw new ServeException($"{string.Join(" or ", request.Urls)} is in use; end what listens there, or name another address with --urls.");
        }
        catch (SocketException error)
        {
            throw new ServeException($"{string.Join(" or ", request.Urls)} cannot be listened on ({error.SocketErrorCode}); name another address with --urls.");
        }
        foreach (ServedName model in request.Models) Say.Line($"{(model.IsDetector ? "detector" : "classifier")} {model.Name}: {model.Path}");
        foreach (string url in app.Urls) Say.Line($"listening on {url} (Ctrl-C to stop)");
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (interrupt.Register(stopped.SetResult)) await stopped.Task;
        Say.Line("stopping: requests that are here are finished");
        await app.StopAsync(CancellationToken.None);
        // To be ended by a signal is a server's usual end.
        return ExitCode.Done;
    }

    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Tells what the server logs, a line each on standard error.</summary>
    private sealed class ServerLog : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Say.Error($"{(logLevel >= LogLevel.Error ? "error: " : logLevel == LogLevel.Warning ? "warning: " : "")}{formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}

/// <summary>The server cannot start.</summary>
internal sealed class ServeException(string message) : IlgpuSppException(message);
