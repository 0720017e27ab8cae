using System.Globalization;
using System.Text;

namespace IlgpuSpp.Cli.Training;

/// <summary>A display whose run is also written to a file, in plain lines with the time (UTC) in front; an older log is added to.</summary>
internal sealed class LoggedDisplay : ITrainingDisplay
{
    private readonly ITrainingDisplay _shown;
    private readonly PlainDisplay _log;
    private readonly StreamWriter _file;
    private readonly string _path;
    private readonly Lock _gate = new();
    private bool _broken;

    /// <exception cref="IOException">The file cannot be written.</exception>
    public LoggedDisplay(ITrainingDisplay shown, string path)
    {
        (_shown, _path) = (shown, path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        _file = new StreamWriter(path, append: true, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        _log = new PlainDisplay(Write);
    }

    public void Phase(string name, int done, int total)
    {
        _shown.Phase(name, done, total);
        if (done == 0) Write(name);
    }

    public void Started(TrainingHeadline headline)
    {
        _shown.Started(headline);
        _log.Started(headline);
    }

    public void Note(string line)
    {
        _shown.Note(line);
        _log.Note(line);
    }

    public void Stopping()
    {
        _shown.Stopping();
        _log.Stopping();
    }

    public void Report(TrainingProgress value)
    {
        _shown.Report(value);
        _log.Report(value);
    }

    public void Finished(RunResult result)
    {
        _shown.Finished(result);
        _log.Finished(result);
    }

    public void Dispose()
    {
        _shown.Dispose();
        lock (_gate)
        {
            try
            {
                _file.Dispose();
            }
            catch (IOException)
            {
                // Every line was flushed when it was written; a full disk was told then.
                _broken = true;
            }
        }
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            if (_broken) return;
            try
            {
                _file.WriteLine($"{DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}  {Printable.Line(line)}");
            }
            catch (IOException error)
            {
                _broken = true;
                _shown.Note($"warning: {_path}: cannot be written any more ({error.Message}); the run goes on without it");
            }
        }
    }
}
