using System.Collections.Immutable;

namespace IlgpuSpp.Models;

/// <summary>A network of the zoo.</summary>
/// <param name="Name">The name that creates it.</param>
/// <param name="Title">What it is, in one line.</param>
/// <param name="Size">Side of the crops that it is trained on by default.</param>
/// <param name="MinSide">Side to which the shorter side of an image is resized before a crop is taken.</param>
/// <param name="Build">Builds the layers.</param>
public sealed record ZooEntry(string Name, string Title, int Size, int MinSide, Func<ModelOptions, Layer> Build);

/// <summary>The networks that come with the project.</summary>
public static class Zoo
{
    /// <summary>All networks, those of the paper first.</summary>
    public static ImmutableArray<ZooEntry> Entries { get; } = [.. PaperNetworks.Entries, .. OtherNetworks.Entries];

    /// <summary>Finds a network by name.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <exception cref="UnknownModelException">There is none of that name.</exception>
    public static ZooEntry Find(string name) =>
        Entries.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UnknownModelException(name, [.. Entries.Select(entry => entry.Name)]);

    /// <summary>Whether there is a network of a name.</summary>
    /// <param name="name">The name, in any case.</param>
    public static bool Contains(string name) => Entries.Any(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Creates a model with its first values.</summary>
    /// <param name="name">Name of the network.</param>
    /// <param name="options">Classes, pyramid, dropout, width.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="seed">Seed of the first values.</param>
    /// <exception cref="UnknownModelException">There is no network of that name.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static Model Create(string name, ModelOptions options, Backend backend, ulong seed)
    {
        ZooEntry entry = Find(name);
        return new Model(new ModelDescription { Architecture = entry.Name, Options = options }, Build(entry, options), backend, seed);
    }

    /// <summary>Builds a network's layers without memory on a device.</summary>
    /// <param name="entry">The network.</param>
    /// <param name="options">Classes, pyramid, dropout, width.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static Layer Build(ZooEntry entry, ModelOptions options)
    {
        if (options.Classes < 2) throw new ArgumentException($"A classifier has at least 2 classes, not {options.Classes}.", nameof(options));
        if (!(options.Width is > 0 and <= ModelOptions.MaxWidth)) throw new ArgumentException(FormattableString.Invariant($"A network's width is above 0 and at most {ModelOptions.MaxWidth}, not {options.Width}."), nameof(options));
        return entry.Build(options);
    }
}

/// <summary>No network of the zoo has that name.</summary>
/// <param name="name">The name asked for.</param>
/// <param name="known">The names that exist.</param>
public sealed class UnknownModelException(string name, IReadOnlyList<string> known)
    : IlgpuSppException($"There is no model '{name}'; the models are {string.Join(", ", known)}.")
{
    /// <summary>The name asked for.</summary>
    public string Name { get; } = name;

    /// <summary>The names that exist.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
