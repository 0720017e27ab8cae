using Microsoft.Extensions.Logging;

namespace IlgpuSpp.AspNetCore;

/// <summary>A model under its name: the one that is loaded, and the file that it is from.</summary>
/// <param name="name">Its name in requests.</param>
/// <param name="kind">What it does.</param>
/// <param name="path">The model's file.</param>
/// <param name="load">Loads the file.</param>
internal sealed partial class ServedModel(string name, ModelKind kind, string path, Func<LoadedModel> load)
{
    private readonly Lock _reloading = new();
    private LoadedModel? _current;
    private FileStamp? _seen, _refused;
    private bool _missing;

    public string Name => name;

    public ModelKind Kind => kind;

    /// <summary>How often a file was loaded.</summary>
    public int Version { get; private set; }

    /// <summary>When the present one was loaded.</summary>
    public DateTimeOffset LoadedAt { get; private set; }

    /// <summary>Why the newest file is not the one in use, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>The model for a request; give it back with <see cref="LoadedModel.Return"/>.</summary>
    public LoadedModel Rent()
    {
        while (true)
        {
            LoadedModel current = Volatile.Read(ref _current) ?? throw new InvalidOperationException($"{name} is not loaded.");
            if (current.TryRent()) return current;
        }
    }

    /// <summary>Loads the model for the first time.</summary>
    public void Load()
    {
        lock (_reloading)
        {
            FileStamp? stamp = FileStamp.Of(path);
            Use(load(), stamp);
        }
    }

    /// <summary>Looks at the file; another one is loaded beside the present model and takes its place when it is good. A broken or missing one changes nothing.</summary>
    /// <param name="metrics">Counts loads.</param>
    /// <param name="logger">Is told.</param>
    public void Refresh(ServingMetrics metrics, ILogger logger)
    {
        lock (_reloading)
        {
            if (FileStamp.Of(path) is not { } stamp)
            {
                if (!_missing) LogMissing(logger, name, path);
                _missing = true;
                Problem = "the file is gone";
                return;
            }
            if (stamp == _seen)
            {
                if (_missing) Problem = null;
                _missing = false;
                return;
            }
            _missing = false;
            if (stamp == _refused) return;
            try
            {
                Use(load(), stamp);
                metrics.Loaded(name, good: true);
                LogReplaced(logger, name, path);
            }
#pragma warning disable CA1031 // Whatever is wrong with the new file, the old model goes on.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _refused = stamp;
                Problem = "the newest file cannot be loaded";
                metrics.Loaded(name, good: false);
                LogRefused(logger, name, error.Message);
            }
        }
    }

    /// <summary>Ends it when its requests have ended.</summary>
    public void Close() => Volatile.Read(ref _current)?.Retire();

    private void Use(LoadedModel model, FileStamp? stamp)
    {
        LoadedModel? old = Interlocked.Exchange(ref _current, model);
        (_seen, _refused, Problem) = (stamp, null, null);
        Version++;
        LoadedAt = DateTimeOffset.UtcNow;
        old?.Retire();
    }

    [LoggerMessage(1, LogLevel.Information, "{Model}: replaced by the new {Path}.")]
    private static partial void LogReplaced(ILogger logger, string model, string path);

    [LoggerMessage(2, LogLevel.Warning, "{Model}: the new file is not used, the old model goes on: {Reason}")]
    private static partial void LogRefused(ILogger logger, string model, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Model}: {Path} is gone; the model in memory goes on. Put a file there to replace it.")]
    private static partial void LogMissing(ILogger logger, string model, string path);

    private readonly record struct FileStamp(long Length, DateTime Written)
    {
        public static FileStamp? Of(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new FileStamp(file.Length, file.LastWriteTimeUtc) : null;
        }
    }
}
