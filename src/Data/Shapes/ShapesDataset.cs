namespace IlgpuSpp.Data;

/// <summary>The data set that the project draws for itself: ten classes of textured shapes over clutter.</summary>
public static class ShapesDataset
{
    /// <summary>The data set, drawn when its images are asked for.</summary>
    /// <param name="options">What the images look like and how many there are.</param>
    public static DatasetSplit Create(ShapesOptions? options = null)
    {
        var source = new ShapesSource(options);
        int train = source.Options.TrainImages;
        var all = new ImageDataset("shapes", ShapesSource.ClassNames, source, Enumerable.Range(0, source.Count).Select(i =>
            new ImageSample(source.NameOf(i), ShapesSource.LabelOf(i), i, i < train ? DatasetPart.Train : DatasetPart.Validation)));
        return new DatasetSplit(all.Part(DatasetPart.Train), all.Part(DatasetPart.Validation));
    }

    /// <summary>Writes the data set as PNG files in class folders below <c>train</c> and <c>val</c>, as <see cref="ImageFolder"/> reads them.</summary>
    /// <param name="folder">The folder; created where missing. Files of the same names are replaced.</param>
    /// <param name="options">What the images look like and how many there are.</param>
    /// <param name="threads">Threads that draw and encode, at least 1.</param>
    /// <param name="progress">Is told the number of files written, from any thread.</param>
    /// <param name="cancellation">Stops the writing between files.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Write(string folder, ShapesOptions? options = null, int threads = 1, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var source = new ShapesSource(options);
        foreach (string name in ShapesSource.ClassNames)
        {
            Directory.CreateDirectory(Path.Combine(folder, "train", name));
            Directory.CreateDirectory(Path.Combine(folder, "val", name));
        }

        int written = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        try
        {
            Parallel.For(0, source.Count, parallel, i =>
            {
                string part = i < source.Options.TrainImages ? "train" : "val";
                ImageWriter.WritePng(Path.Combine(folder, part, source.NameOf(i) + ".png"), source.Load(i));
                progress?.Report(Interlocked.Increment(ref written));
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
