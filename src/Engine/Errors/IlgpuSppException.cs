namespace IlgpuSpp.Engine;

/// <summary>What this library throws of its own: every exception type of the project derives from it.</summary>
/// <param name="message">What went wrong and what to do about it, for a user to read.</param>
/// <param name="inner">The failure underneath, where there was one.</param>
public abstract class IlgpuSppException(string message, Exception? inner = null) : Exception(message, inner);
