using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.AspNetCore.Tests;

/// <summary>A server on a free port of this machine, with a client.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app, LogLines log)
    {
        (_app, Log) = (app, log);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(3) };
    }

    public HttpClient Client { get; }

    public LogLines Log { get; }

    public ModelCatalog Catalog => _app.Services.GetRequiredService<ModelCatalog>();

    public Admission Admission => _app.Services.GetRequiredService<Admission>();

    public static async Task<RunningServer> StartAsync(Action<IlgpuSppBuilder> models, Action<ServingOptions>? options = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log).AddFilter("Microsoft", LogLevel.None);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        models(builder.Services.AddIlgpuSpp(options));
        WebApplication app = builder.Build();
        app.MapIlgpuSpp();
        await app.StartAsync();
        return new RunningServer(app, log);
    }

    /// <summary>Waits until so many images are in the server.</summary>
    public async Task HoldsAsync(int images)
    {
        while (!(await TextAsync("/metrics")).Contains($"ilgpuspp_queue_length {images}\n", StringComparison.Ordinal)) await Task.Delay(5);
    }

    public Task StopAsync() => _app.StopAsync();

    public async Task<JsonElement> PostAsync(string path, HttpContent content, HttpStatusCode status = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = await Client.PostAsync(new Uri(path, UriKind.Relative), content);
        return await JsonOf(response, status);
    }

    public async Task<JsonElement> GetAsync(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return await JsonOf(response, status);
    }

    public Task<string> TextAsync(string path) => Client.GetStringAsync(new Uri(path, UriKind.Relative));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static async Task<JsonElement> JsonOf(HttpResponseMessage response, HttpStatusCode status)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        JsonElement json = JsonDocument.Parse(text).RootElement;
        if ((int)status < 400) return json;
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal((int)status, json.GetProperty("status").GetInt32());
        Assert.DoesNotContain('\n', json.GetProperty("detail").GetString()!);
        return json;
    }

    /// <summary>What the server logged.</summary>
    internal sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly List<string> _lines = [];

        public string Text
        {
            get
            {
                lock (_lines) return string.Join('\n', _lines);
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
