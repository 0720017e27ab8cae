namespace IlgpuSpp.Cli.Training;

/// <summary>The result only.</summary>
internal sealed class QuietDisplay : ITrainingDisplay
{
    public void Phase(string name, int done, int total)
    {
        // The result is enough.
    }

    public void Started(TrainingHeadline headline)
    {
        // The result is enough.
    }

    public void Note(string line) => Say.Error(line);

    public void Stopping() => Say.Error(TrainingDisplay.StoppingLine);

    public void Report(TrainingProgress value)
    {
        // The result is enough.
    }

    public void Finished(RunResult result)
    {
        foreach (string line in RunSummary.Result(result)) Say.Line(line);
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
