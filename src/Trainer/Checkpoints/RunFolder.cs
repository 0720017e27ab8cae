namespace IlgpuSpp.Training;

/// <summary>The files of a run.</summary>
/// <param name="path">The folder.</param>
public sealed class RunFolder(string path)
{
    /// <summary>Name of the configuration, <see cref="RunConfiguration"/>.</summary>
    public const string ConfigurationName = "config.json";

    /// <summary>Name of the table of epochs, one <see cref="EpochMetrics"/> a line.</summary>
    public const string MetricsName = "metrics.csv";

    /// <summary>Name of the model with the best weights.</summary>
    public const string BestName = "best.safetensors";

    /// <summary>Name of the state to resume from.</summary>
    public const string LastName = "last.safetensors";

    /// <summary>Name of the report.</summary>
    public const string ReportName = "report.html";

    /// <summary>The folder.</summary>
    public string Root { get; } = path;

    /// <summary>The configuration's path.</summary>
    public string ConfigurationFile => Path.Combine(Root, ConfigurationName);

    /// <summary>The path of the table of epochs.</summary>
    public string MetricsFile => Path.Combine(Root, MetricsName);

    /// <summary>The path of the model with the best weights.</summary>
    public string BestFile => Path.Combine(Root, BestName);

    /// <summary>The path of the state to resume from.</summary>
    public string LastFile => Path.Combine(Root, LastName);

    /// <summary>The report's path.</summary>
    public string ReportFile => Path.Combine(Root, ReportName);

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="RunFolderException">There is none, or it cannot be read.</exception>
    public RunConfiguration ReadConfiguration() => throw new NotImplementedException();

    /// <summary>Reads the table of epochs; empty where there is none yet.</summary>
    /// <exception cref="RunFolderException">The table cannot be read.</exception>
    public IReadOnlyList<EpochMetrics> ReadMetrics() => throw new NotImplementedException();
}
