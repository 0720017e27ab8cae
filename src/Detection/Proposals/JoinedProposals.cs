namespace IlgpuSpp.Detection;

/// <summary>
/// The windows of several methods together (the paper's section 4.3 trains on those of selective search and edge boxes): the first of each in turn, then the second of each and
/// so on, those that an earlier one equals left out. Thread-safe.
/// </summary>
public sealed class JoinedProposals : IProposalMethod
{
    /// <summary>Joins methods.</summary>
    /// <param name="methods">The methods, at least one. Each has its own bound on the number of windows, so that there are up to their sum.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public JoinedProposals(IReadOnlyList<IProposalMethod> methods)
    {
        ArgumentNullException.ThrowIfNull(methods);
        if (methods.Count == 0) throw new ArgumentException("At least one method must be joined.", nameof(methods));
        Methods = [.. methods];
    }

    /// <summary>The methods, in the order in which they take turns.</summary>
    public IReadOnlyList<IProposalMethod> Methods { get; }

    /// <inheritdoc/>
    public string Name => string.Join(" and ", Methods.Select(method => method.Name));

    /// <inheritdoc/>
    public string Fingerprint => string.Join(" + ", Methods.Select(method => method.Fingerprint));

    /// <inheritdoc/>
    public void Check(IReadOnlyList<string> files)
    {
        foreach (IProposalMethod method in Methods) method.Check(files);
    }

    /// <inheritdoc/>
    public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "")
    {
        IReadOnlyList<PixelBox>[] windows = [.. Methods.Select(method => method.Propose(image, file))];
        return [.. Enumerable.Range(0, windows.Max(own => own.Count)).SelectMany(rank => windows.Where(own => rank < own.Count).Select(own => own[rank])).Distinct()];
    }
}
