using IlgpuSpp.Engine;

namespace IlgpuSpp.Pretrained;

/// <summary>Trained weights could not be had; the message says what to do.</summary>
/// <param name="message">What went wrong and what helps.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class PretrainedException(string message, Exception? inner = null) : IlgpuSppException(message, inner);
