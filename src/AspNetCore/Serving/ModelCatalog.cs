using IlgpuSpp.Engine.Cpu;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IlgpuSpp.AspNetCore;

/// <summary>The models of a server: loaded when it starts, watched while it runs, freed when it ends.</summary>
internal sealed class ModelCatalog : BackgroundService
{
    private readonly ModelRegistrations _registrations;
    private readonly ServingMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ServingOptions _options;
    private readonly Lazy<Backend> _backend;

    public ModelCatalog(ModelRegistrations registrations, IOptions<ServingOptions> options, ServingMetrics metrics, ILoggerFactory loggers)
    {
        (_registrations, _metrics, _options) = (registrations, metrics, options.Value);
        _options.Validate();
        _logger = loggers.CreateLogger("IlgpuSpp.AspNetCore");
        _backend = new Lazy<Backend>(() => _registrations.Backend ?? new CpuBackend());
        Models = [.. registrations.Models.Select(Serve)];
    }

    /// <summary>The models in the order in which they were added.</summary>
    public IReadOnlyList<ServedModel> Models { get; }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (ServedModel model in Models) await Task.Run(model.Load, cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks at the files of all models once.</summary>
    public void Refresh()
    {
        foreach (ServedModel model in Models) model.Refresh(_metrics, _logger);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        foreach (ServedModel model in Models) model.Close();
        if (_backend.IsValueCreated && _registrations.Backend is null) _backend.Value.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_registrations.Watch is not { } every) return;
        // Looking is surer than being told: notices of the file system do not come from network drives and from behind containers' mounts.
        using var timer = new PeriodicTimer(every);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) Refresh();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private ServedModel Serve(ModelRegistration model) => new(model.Name, model.Kind, model.File, model.Kind == ModelKind.Classifier
        ? () => new LoadedClassifier(model.Name, Classifier.Load(model.File, _backend.Value), _options, _metrics)
        : () => new LoadedDetector(model.Name, Detector.Load(model.File, _backend.Value, model.Proposals?.Invoke() ?? ProposalPlan.OfDetector(model.File).Open(null, _logger)), _metrics));
}

/// <summary>What was asked for when services were registered.</summary>
internal sealed class ModelRegistrations
{
    public List<ModelRegistration> Models { get; } = [];

    /// <summary>Where models run, which belongs to the caller; null for the catalog's own on the processor.</summary>
    public Backend? Backend { get; set; }

    /// <summary>How often files are looked at; null for never.</summary>
    public TimeSpan? Watch { get; set; }
}

/// <summary>A model that was asked for.</summary>
internal sealed record ModelRegistration(string Name, ModelKind Kind, string File, Func<IProposalMethod>? Proposals = null);
