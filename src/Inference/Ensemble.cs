using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Inference;

/// <summary>Several classifiers whose probabilities are averaged (the paper, section 3.1.6, Table 5). Thread-safe: several threads may predict at a time.</summary>
public sealed class Ensemble : IDisposable
{
    private const int MostNamed = 10;

    private readonly List<Classifier> _members = [];

    /// <summary>Opens model files.</summary>
    /// <param name="paths">The models, at least one; their networks and preparations may differ, their classes may not.</param>
    /// <param name="backend">Where they run; not disposed with the ensemble.</param>
    /// <param name="options">How images are fitted to each network.</param>
    /// <exception cref="ModelFormatException">A file is damaged or not a model of this program, or its classes are not those of the first.</exception>
    /// <exception cref="DataFormatException">A file does not say how images are prepared.</exception>
    /// <exception cref="ArgumentException">There is no file, or an option cannot work with one of the networks.</exception>
    public Ensemble(IReadOnlyList<string> paths, Backend backend, ClassifierOptions? options = null)
    {
        if (paths.Count == 0) throw new ArgumentException("At least one model is needed.", nameof(paths));
        try
        {
            foreach (string path in paths)
            {
                _members.Add(Classifier.Load(path, backend, options));
                IReadOnlyList<string> names = _members[^1].Model.ClassNames;
                if (!names.SequenceEqual(ClassNames))
                    throw new ModelFormatException(path, $"its classes ({Listed(names)}) are not those of {paths[0]} ({Listed(ClassNames)}); only models of the same classes in the same order can be averaged");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The models.</summary>
    public IReadOnlyList<TrainedModel> Models => [.. _members.Select(member => member.Model)];

    /// <summary>Names of the classes; numbers where the models know no names.</summary>
    public IReadOnlyList<string> ClassNames => _members[0].Model.ClassNames;

    /// <inheritdoc cref="Classifier.Predict(ImageInput, int)"/>
    public IReadOnlyList<Guess> Predict(ImageInput image, int top = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        return Guess.Best(ClassNames, Probabilities(image), top);
    }

    /// <summary>Probabilities of all classes: the mean of the models'.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <returns><c>[classes]</c>, summing to 1.</returns>
    public float[] Probabilities(ImageInput image)
    {
        ArgumentNullException.ThrowIfNull(image);
        // Decoded once, for all of them.
        if (_members.Count > 1) image = image.Load();
        float[] sum = _members[0].Probabilities(image);
        if (_members.Count == 1) return sum;
        foreach (Classifier member in _members.Skip(1))
        {
            float[] own = member.Probabilities(image);
            for (int c = 0; c < sum.Length; c++) sum[c] += own[c];
        }
        for (int c = 0; c < sum.Length; c++) sum[c] /= _members.Count;
        return sum;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Classifier member in _members) member.Dispose();
    }

    // The first ones: there may be thousands.
    private static string Listed(IReadOnlyList<string> names) => names.Count <= MostNamed ? string.Join(", ", names) : $"{string.Join(", ", names.Take(MostNamed))} and {names.Count - MostNamed} more";
}
