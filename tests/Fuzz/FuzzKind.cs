using IlgpuSpp.Engine;

namespace IlgpuSpp.Fuzz;

/// <summary>One kind of file: what valid ones look like, how they are damaged, and what reads them.</summary>
internal abstract class FuzzKind : IDisposable
{
    private List<byte[]>? _all;

    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The ending of its files.</summary>
    public abstract string Extension { get; }

    /// <summary>Files that must be read.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>What opens a level of nesting; none where the files are not text.</summary>
    protected virtual IReadOnlyList<string> Openers => [];

    /// <summary>What readers say that they throw, beside what derives from the project's own exception.</summary>
    public virtual bool Documents(Exception error) => error is IlgpuSppException;

    /// <summary>Reads a file or throws.</summary>
    public abstract void Read(byte[] file);

    /// <summary>Damages further files beside the seeds.</summary>
    public void Add(IEnumerable<byte[]> corpus) => All.AddRange(corpus.Where(file => file.Length > 0));

    /// <summary>The input of an index: first the seeds as they are, then damaged files. The same for all time.</summary>
    public byte[] Input(ulong seed, long index)
    {
        if (index < Seeds.Count) return Seeds[(int)index];
        var random = new Random(Mix(seed, index));
        byte[] file = All[random.Next(All.Count)];
        return Damage(file, random, new Mutator(random, All, Openers));
    }

    public virtual void Dispose()
    {
    }

    /// <summary>Damages a file, and mends checksums and lengths so that damage gets past them to the code behind.</summary>
    protected virtual byte[] Damage(byte[] file, Random random, Mutator mutator) => Openers.Count > 0 ? mutator.Text(file) : mutator.Bytes(file);

    private List<byte[]> All => _all ??= [.. Seeds];

    // SplitMix64 over the name, the seed and the index.
    private int Mix(ulong seed, long index)
    {
        ulong z = seed;
        foreach (char letter in Name) z = (z * 31) + letter;
        z += (ulong)index * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)(z >> 33);
    }
}
