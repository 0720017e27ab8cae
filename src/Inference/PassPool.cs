using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Inference;

/// <summary>
/// Inference passes kept for reuse, whatever their input shapes, within bounds on their number and memory; the one that
/// has been idle longest goes first. Thread-safe; passes in use are not counted against the bounds until they come back.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="maximumPasses">Most idle passes, at least 1.</param>
/// <param name="maximumBytes">Most bytes of idle passes; one is kept in any case.</param>
public sealed class PassPool(Network network, int maximumPasses = 16, long maximumBytes = 1L << 30) : IDisposable
{
    private readonly LinkedList<InferencePass> _idle = new();
    private readonly object _gate = new();
    private long _bytes;
    private bool _disposed;

    /// <summary>Number of idle passes.</summary>
    public int Idle
    {
        get
        {
            lock (_gate) return _idle.Count;
        }
    }

    /// <summary>Takes a pass for inputs of one shape, planning it where none is idle.</summary>
    /// <param name="input">Shape of the input, <c>[n, h, w, 3]</c>.</param>
    /// <returns>The pass; give it back with <see cref="Return"/>.</returns>
    /// <exception cref="InputTooSmallException">The input is too small for the network.</exception>
    /// <exception cref="DeviceMemoryException">The device has not enough memory.</exception>
    public InferencePass Rent(Shape input)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (LinkedListNode<InferencePass>? node = _idle.Last; node is not null; node = node.Previous)
            {
                if (node.Value.Pass.Input.Shape != input) continue;
                _idle.Remove(node);
                _bytes -= node.Value.Bytes;
                return node.Value;
            }
        }
        try
        {
            return new InferencePass(network, input);
        }
        catch (DeviceMemoryException)
        {
            // Idle passes of other shapes may hold what is missing.
            if (!Clear()) throw;
            network.Backend.TrimMemory();
            return new InferencePass(network, input);
        }
    }

    /// <summary>Gives a pass back.</summary>
    /// <param name="pass">What <see cref="Rent"/> gave.</param>
    public void Return(InferencePass pass)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                pass.Dispose();
                return;
            }
            _idle.AddLast(pass);
            _bytes += pass.Bytes;
            while (_idle.Count > maximumPasses || (_bytes > maximumBytes && _idle.Count > 1)) RemoveOldest();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _disposed = true;
        Clear();
    }

    private bool Clear()
    {
        lock (_gate)
        {
            if (_idle.Count == 0) return false;
            while (_idle.Count > 0) RemoveOldest();
            return true;
        }
    }

    private void RemoveOldest()
    {
        InferencePass oldest = _idle.First!.Value;
        _idle.RemoveFirst();
        _bytes -= oldest.Bytes;
        oldest.Dispose();
    }
}
