namespace IlgpuSpp.Models;

/// <summary>No network of the zoo has that name.</summary>
/// <param name="name">The name asked for.</param>
/// <param name="known">The names that exist.</param>
public sealed class UnknownModelException(string name, IReadOnlyList<string> known)
    : ArgumentException($"There is no model '{name}'; the models are {string.Join(", ", known)}.")
{
    /// <summary>The name asked for.</summary>
    public string Name { get; } = name;

    /// <summary>The names that exist.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
