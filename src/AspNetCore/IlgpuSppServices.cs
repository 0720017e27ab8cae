using IlgpuSpp.AspNetCore;
using IlgpuSpp.Detection;
using IlgpuSpp.Engine;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers models to be served.</summary>
public static class IlgpuSppServices
{
    /// <summary>Adds a server of models; name them on what is returned, and map its endpoints with <c>app.MapIlgpuSpp()</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options; null for the defaults.</param>
    public static IlgpuSppBuilder AddIlgpuSpp(this IServiceCollection services, Action<ServingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var registrations = new ModelRegistrations();
        services.AddOptions<ServingOptions>();
        if (configure is not null) services.Configure(configure);
        services.AddSingleton(registrations);
        services.AddSingleton<Admission>();
        services.AddSingleton<ServingMetrics>();
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<ModelService>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelCatalog>());
        return new IlgpuSppBuilder(registrations);
    }
}

/// <summary>Names the models of a server.</summary>
public sealed class IlgpuSppBuilder
{
    private readonly ModelRegistrations _registrations;

    internal IlgpuSppBuilder(ModelRegistrations registrations) => _registrations = registrations;

    /// <summary>Adds a classifier; it is loaded when the application starts.</summary>
    /// <param name="name">Its name in requests.</param>
    /// <param name="path">The model file, or the folder of a run, whose <c>best.safetensors</c> is meant.</param>
    /// <exception cref="OptionsException">There is a model of this name already, or the name is empty.</exception>
    public IlgpuSppBuilder AddClassifier(string name, string path) => Add(new ModelRegistration(name, ModelKind.Classifier, FileIn(path, "best.safetensors")));

    /// <summary>Adds a detector; it is loaded when the application starts.</summary>
    /// <param name="name">Its name in requests.</param>
    /// <param name="path">The detector's file, or the folder of its run.</param>
    /// <param name="proposals">Opens what finds its windows; null for what <c>proposals.json</c> beside the file says.</param>
    /// <exception cref="OptionsException">There is a model of this name already, or the name is empty.</exception>
    public IlgpuSppBuilder AddDetector(string name, string path, Func<IProposalMethod>? proposals = null) =>
        Add(new ModelRegistration(name, ModelKind.Detector, FileIn(path, "detector.safetensors"), proposals));

    /// <summary>Looks at the models' files while the application runs: one that is replaced by another good one is used from then on, with no request lost.</summary>
    /// <param name="every">How often; null for every second.</param>
    public IlgpuSppBuilder WatchForChanges(TimeSpan? every = null)
    {
        _registrations.Watch = every ?? TimeSpan.FromSeconds(1);
        return this;
    }

    /// <summary>Runs the models elsewhere than on all processors with the managed backend.</summary>
    /// <param name="backend">Where; the application's, and disposed by it after the host.</param>
    public IlgpuSppBuilder UseBackend(Backend backend)
    {
        _registrations.Backend = backend;
        return this;
    }

    private IlgpuSppBuilder Add(ModelRegistration model)
    {
        OptionCheck.That(model.Name.Length > 0, "name", "of a model must not be empty");
        OptionCheck.That(_registrations.Models.TrueForAll(other => other.Name != model.Name), "name", $"of a model must be its own, but two are called '{model.Name}'");
        _registrations.Models.Add(model);
        return this;
    }

    private static string FileIn(string path, string name) => Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, name) : path);
}
