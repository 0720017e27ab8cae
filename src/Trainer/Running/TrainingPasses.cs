using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Training;

/// <summary>The training passes of a run, one for each input size and number of rows, the most recently used ones kept.</summary>
/// <param name="network">The network.</param>
/// <param name="capacity">Most passes kept, at least 1.</param>
internal sealed class TrainingPasses(Network network, int capacity) : IDisposable
{
    private readonly List<(Shape Input, TrainingPass Pass)> _kept = [];

    public TrainingPass For(int rows, int height, int width)
    {
        var input = new Shape(rows, height, width, 3);
        for (int i = _kept.Count - 1; i >= 0; i--)
        {
            if (_kept[i].Input != input) continue;
            if (i == _kept.Count - 1) return _kept[i].Pass;
            (Shape, TrainingPass) found = _kept[i];
            _kept.RemoveAt(i);
            _kept.Add(found);
            return found.Item2;
        }

        // What goes makes room before the new pass asks for memory.
        while (_kept.Count >= capacity)
        {
            _kept[0].Pass.Dispose();
            _kept.RemoveAt(0);
        }
        var pass = new TrainingPass(network, input);
        _kept.Add((input, pass));
        return pass;
    }

    public void Dispose()
    {
        foreach ((_, TrainingPass pass) in _kept) pass.Dispose();
        _kept.Clear();
    }
}
