using System.Globalization;

namespace IlgpuSpp.Models;

/// <summary>
/// Turns a graph of nodes into nested layers: chains, concatenations of branches, residual blocks. The branches of a join
/// begin at the last node that lies on every way to it (its dominator).
/// </summary>
internal sealed class LayerTree
{
    private readonly Dictionary<ImportNode, (ImportNode? Dominator, int Depth)> _dominators = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<ImportNode> _used = new(ReferenceEqualityComparer.Instance);

    private LayerTree()
    {
    }

    /// <summary>The network from the image to a node.</summary>
    /// <param name="output">The node.</param>
    /// <param name="path">The file that it is from, for errors.</param>
    /// <exception cref="ModelFormatException">Branches cross, so that they are not nested, or there are no layers.</exception>
    public static Sequential Build(ImportNode output, string path)
    {
        ImportNode image = output;
        while (image.Kind != ImportNodeKind.Input) image = image.Inputs[0];
        var tree = new LayerTree();
        List<Layer> layers = tree.Path(image, output);
        if (layers.Count == 0) throw new ModelFormatException(path, $"its output is its input, '{image.Name}': the network has no layers");
        return Chain(layers);
    }

    private List<Layer> Path(ImportNode from, ImportNode to)
    {
        var layers = new List<Layer>();
        for (ImportNode node = to; !ReferenceEquals(node, from);)
        {
            if (node.Kind == ImportNodeKind.Layers)
            {
                if (node.Layers.Count > 0 && !_used.Add(node))
                    throw node.Definition!.Error("branches that cross here cannot be imported: what it computes is used inside and outside of a joined branch");
                layers.InsertRange(0, node.Layers);
                node = node.Source;
                continue;
            }
            ImportNode start = Dominator(node).Dominator ?? throw new InvalidOperationException($"The image itself ({node.Name}) lies behind a layer.");
            List<List<Layer>> branches = [.. node.Inputs.Select(input => Path(start, input))];
            layers.Insert(0, node.Kind == ImportNodeKind.Concat ? Joined(node, branches) : Added(node, branches));
            node = start;
        }
        return layers;
    }

    private static Concat Joined(ImportNode node, List<List<Layer>> branches) =>
        // A branch without layers hands its input on, which a dropout of rate 0 does.
        new([.. branches.Select(branch => branch.Count == 0 ? new Dropout(0) : InBranch(branch))]) { Name = Name(node) };

    private static Residual Added(ImportNode node, List<List<Layer>> branches)
    {
        List<Layer> computed = [.. branches.Where(branch => branch.Count > 0).Select(InBranch)];
        int untouched = branches.Count - computed.Count;
        if (untouched > 1 || computed.Count == 0) throw node.Definition!.Error("it adds what it reads to itself, which cannot be imported");
        int taken = untouched == 1 ? 1 : 2;
        var sum = new Residual(computed[0], untouched == 1 ? null : computed[1], computed.Count == taken ? node.Activation : default) { Name = Name(node) };
        for (; taken < computed.Count; taken++) sum = new Residual(sum, computed[taken], taken == computed.Count - 1 ? node.Activation : default) { Name = Name(node) };
        return sum;
    }

    private static Layer InBranch(List<Layer> layers) => layers.Count == 1 ? layers[0] : Chain(layers);

    // Caffe lets layers share a name, which those without weights sometimes do.
    private static Sequential Chain(List<Layer> layers)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (Layer layer in layers)
        {
            string name = layer.Name;
            for (int number = 2; layer.Name.Length > 0 && !taken.Add(layer.Name); number++) layer.Name = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
        }
        return new Sequential([.. layers]);
    }

    private static string Name(ImportNode node) => node.Name.Replace('.', '_');

    private (ImportNode? Dominator, int Depth) Dominator(ImportNode node)
    {
        if (_dominators.TryGetValue(node, out (ImportNode?, int) known)) return known;
        if (node.Kind == ImportNodeKind.Input) return _dominators[node] = (null, 0);
        ImportNode common = node.Inputs[0];
        foreach (ImportNode input in node.Inputs.Skip(1))
        {
            ImportNode other = input;
            while (!ReferenceEquals(common, other))
            {
                if (Dominator(common).Depth >= Dominator(other).Depth) common = Dominator(common).Dominator!;
                else other = Dominator(other).Dominator!;
            }
        }
        return _dominators[node] = (common, Dominator(common).Depth + 1);
    }
}
